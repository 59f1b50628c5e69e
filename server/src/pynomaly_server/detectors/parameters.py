"""Parameters as JSON Schema: what an algorithm publishes, and the check of what a caller sends against it.

Only the part of draft 2020-12 that parameters need: `type`, `enum`, bounds, `default` and lists of names.
Nothing is coerced: `true` is no number, `1` is not `true`, `20.0` is no integer, `"20"` is none of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pynomaly_server.detectors.errors import InvalidParameter, did_you_mean

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(**properties: dict[str, Any]) -> dict[str, Any]:
    """The closed JSON Schema of an algorithm with these parameters."""
    return {"$schema": DRAFT, "type": "object", "additionalProperties": False, "properties": properties}


def integer(description: str, *, default: int, minimum: int, maximum: int) -> dict[str, Any]:
    """The schema of a whole number in [minimum, maximum]."""
    return {
        "type": "integer",
        "description": description,
        "default": default,
        "minimum": minimum,
        "maximum": maximum,
    }


def number(description: str, *, default: float, above: float, maximum: float) -> dict[str, Any]:
    """The schema of a number in (above, maximum]."""
    return {
        "type": "number",
        "description": description,
        "default": default,
        "exclusiveMinimum": above,
        "maximum": maximum,
    }


def share(description: str, *, default: float) -> dict[str, Any]:
    """The schema of a number in (0, 1]."""
    return number(description, default=default, above=0, maximum=1)


def choice(description: str, *, default: str, options: tuple[str, ...]) -> dict[str, Any]:
    """The schema of one of several names."""
    return {"type": "string", "description": description, "default": default, "enum": list(options)}


def boolean(description: str, *, default: bool) -> dict[str, Any]:
    """The schema of true or false."""
    return {"type": "boolean", "description": description, "default": default}


def names(description: str, *, default: tuple[str, ...], min_items: int, max_items: int) -> dict[str, Any]:
    """The schema of a list of names, none of them twice; the algorithm says which names there are."""
    return {
        "type": "array",
        "description": description,
        "default": list(default),
        "items": {"type": "string"},
        "minItems": min_items,
        "maxItems": max_items,
        "uniqueItems": True,
    }


def validated(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of `schema`: the given value where there is one, else the default.

    Raises:
        InvalidParameter: a parameter is unknown, of the wrong type or out of range.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    for name in given:
        if name not in properties:
            raise InvalidParameter(_unknown(name, list(properties)), _pointer(name))
    values = {name: rule["default"] for name, rule in properties.items()}
    for name, value in given.items():
        if not _fits(value, properties[name]):
            raise InvalidParameter(
                f"Parameter {name!r} must be {_range(properties[name])}, not {shown(value)}.", _pointer(name)
            )
        values[name] = float(value) if properties[name]["type"] == "number" else value
    return values


def shown(value: object) -> str:
    """A value as a message quotes it: short, and as JSON spells it."""
    names: dict[object, str] = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return names[value]
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return "an object" if isinstance(value, Mapping) else "an array"


def _fits(value: object, rule: Mapping[str, Any]) -> bool:
    if rule["type"] == "string":
        return isinstance(value, str) and value in rule["enum"]
    if rule["type"] == "boolean":
        return isinstance(value, bool)
    if rule["type"] == "array":
        return (
            isinstance(value, list | tuple)
            and rule["minItems"] <= len(value) <= rule["maxItems"]
            and all(isinstance(item, str) for item in value)
            and len(set(value)) == len(value)
        )
    accepted = (int,) if rule["type"] == "integer" else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted) or not math.isfinite(value):
        return False
    above = value > rule["exclusiveMinimum"] if "exclusiveMinimum" in rule else value >= rule["minimum"]
    return above and bool(value <= rule["maximum"])


def _range(rule: Mapping[str, Any]) -> str:
    if rule["type"] == "string":
        return "one of " + ", ".join(repr(option) for option in rule["enum"])
    if rule["type"] == "boolean":
        return "true or false"
    if rule["type"] == "array":
        return f"a list of {rule['minItems']} to {rule['maxItems']} different names"
    kind = "an integer" if rule["type"] == "integer" else "a number"
    if "exclusiveMinimum" in rule:
        return f"{kind} above {rule['exclusiveMinimum']} and at most {rule['maximum']}"
    return f"{kind} from {rule['minimum']} to {rule['maximum']}"


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return f"There is no parameter {name[:80]!r}: this algorithm takes none. Leave `parameters` empty."
    return (
        f"There is no parameter {name[:80]!r}.{did_you_mean(name, known)} "
        f"This algorithm takes {', '.join(known)}."
    )


def _pointer(name: str) -> str:
    return "/parameters/" + name.replace("~", "~0").replace("/", "~1")
