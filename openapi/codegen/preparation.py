"""Rewrites the contract's schemas into what datamodel-code-generator expresses exactly, once per side.

Requests keep every bound and stay closed. Responses are open: unknown fields, unknown enum values and values
past a documented bound must not break a client that is older than its server, so enums and bounds are taken
out of them. A schema that both read is closed to the server, which decodes it, and open to the SDK, which
reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from codegen.audience import SCHEMAS
from codegen.grammar import SHAPES, resolve, split_pointer
from codegen.operations import LOCATIONS, ContractError

if TYPE_CHECKING:
    from codegen.audience import Audience
    from codegen.operations import Operation

ANNOTATIONS = ("description", "title", "examples", "example", "deprecated", "$comment", "externalDocs")
BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *(
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ),
)
# Other formats are words to both sides: a URI stays the text that was sent.
TYPED_FORMATS = frozenset({"date-time", "date", "time", "uuid"})
LOCATION_SUFFIX = {"path": "Path", "query": "Query", "header": "Headers"}


class Side(Enum):
    """Who the types are for."""

    SERVER = "server"
    SDK = "sdk"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Schemas ready for the model generator, with what it cannot express said beside them.

    Attributes:
        schemas: By name.
        closed: Names of those that refuse unknown fields.
        parameters: Names of those that hold the parameters of an operation.
        unnamed: Names that stand only for a part of another schema and are written in place.
        documentation: What each is.
        field_documentation: What each property of each is.
    """

    schemas: dict[str, dict[str, Any]]
    closed: frozenset[str]
    parameters: frozenset[str]
    unnamed: frozenset[str]
    documentation: dict[str, str]
    field_documentation: dict[str, dict[str, str]]


class _Preparation:
    def __init__(self, document: dict[str, Any], audience: Audience, side: Side) -> None:
        self._document = document
        self._source: dict[str, Any] = document.get("components", {}).get("schemas", {})
        self._audience = audience
        self._side = side
        self._variants = _find_variants(self._source)
        self.schemas: dict[str, dict[str, Any]] = {}
        self.closed: set[str] = set()
        self.unnamed: set[str] = set()
        self.documentation: dict[str, str] = {}
        self.field_documentation: dict[str, dict[str, str]] = {}

    def is_open(self, name: str) -> bool:
        """Whether a schema is read as a response on this side."""
        if self._side is Side.SDK:
            return name in self._audience.responses
        return name not in self._audience.requests

    def add_component(self, name: str) -> None:
        schema = self._source[name]
        self.add(name, schema, is_open=self.is_open(name))

    def add(self, name: str, schema: dict[str, Any], *, is_open: bool) -> None:
        if name in self.schemas:
            raise ContractError(
                f"{name}: names a schema and the parameters of an operation; rename the schema."
            )
        self.documentation[name] = schema.get("description", "")
        self.field_documentation[name] = {
            field: self._describe(value) for field, value in schema.get("properties", {}).items()
        }
        if not is_open:
            self.closed.add(name)
        self.schemas[name] = self._rewrite(schema, is_open=is_open, tag=self._variants.get(name), owner=name)

    def _describe(self, schema: Any) -> str:
        if not isinstance(schema, dict):
            return ""
        return str(schema.get("description") or resolve(self._document, schema).get("description", ""))

    def _rewrite(self, schema: Any, *, is_open: bool, owner: str, tag: str | None = None) -> Any:
        if not isinstance(schema, dict):
            return schema
        out = {
            key: self._rewrite_member(key, value, is_open=is_open, owner=owner, tag=tag)
            for key, value in schema.items()
            if key not in ANNOTATIONS and not key.startswith("x-")
        }
        if out.get("format") not in TYPED_FORMATS:
            out.pop("format", None)
        if is_open:
            _loosen(out)
        elif self._side is Side.SERVER and "pattern" in out:
            out["pattern"] = _whole_text(out["pattern"])
        _keep_integers(out)
        if out.get("type") == "number" and type(out.get("default")) is int:
            out["default"] = float(out["default"])
        _settle_object(out, is_open=is_open)
        if is_open and self._side is Side.SDK and "discriminator" in out:
            self._admit_unknown_variant(out, owner)
        return out

    def _rewrite_member(self, key: str, value: Any, *, is_open: bool, owner: str, tag: str | None) -> Any:
        shape, kind = SHAPES["schema"].get(key, ("leaf", ""))
        if kind != "schema":
            return value
        if shape == "one":
            return self._rewrite(value, is_open=is_open, owner=owner)
        if shape == "list":
            return [
                self._set_apart(self._rewrite(item, is_open=is_open, owner=owner), owner) for item in value
            ]
        rewritten = {
            # What tells the variants of a union apart stays a constant, also where it is read.
            name: self._rewrite(item, is_open=is_open and name != tag, owner=owner)
            for name, item in value.items()
        }
        for item in rewritten.values():
            self._repeat_default(item)
        return rewritten

    def _repeat_default(self, field: Any) -> None:
        """Say a default where it is used: with one behind a `$ref` the field would be taken to admit null."""
        if isinstance(field, dict) and "$ref" in field and "default" not in field:
            target = resolve(self._document, {"$ref": field["$ref"]})
            if "default" in target:
                field["default"] = target["default"]

    def _set_apart(self, branch: Any, owner: str) -> Any:
        """Give a bounded map in a union a schema of its own: written in place it would lose its bounds."""
        if not isinstance(branch, dict) or not {"minProperties", "maxProperties"} & set(branch):
            return branch
        name = f"{owner}Branch{len(self.unnamed)}"
        self.unnamed.add(name)
        self.schemas[name] = branch
        return {"$ref": f"{SCHEMAS}{name}"}

    def _admit_unknown_variant(self, union: dict[str, Any], owner: str) -> None:
        """Let a client read a variant that is newer than itself, instead of refusing the whole answer."""
        tag = union.pop("discriminator")["propertyName"]
        unknown = f"Unknown{owner}"
        if unknown not in self.schemas:
            self.documentation[unknown] = f"A variant of {owner} that this version does not know."
            self.field_documentation[unknown] = {tag: "Which variant it is."}
            self.schemas[unknown] = {
                "type": "object",
                "required": [tag],
                "properties": {tag: {"type": "string"}},
                "additionalProperties": True,
            }
        key = "oneOf" if "oneOf" in union else "anyOf"
        union[key] = [*union[key], {"$ref": f"{SCHEMAS}{unknown}"}]


def prepare(
    document: dict[str, Any], audience: Audience, operations: tuple[Operation, ...], side: Side
) -> Prepared:
    """Rewrite every schema that one side needs; for the server the parameters of operations too."""
    preparation = _Preparation(document, audience, side)
    holders: set[str] = set()
    for name in sorted(audience.names):
        preparation.add_component(name)
    if side is Side.SERVER:
        for operation in operations:
            for location in LOCATIONS:
                if parameters := operation.parameters_in(location):
                    holders.add(parameters_name(operation, location))
                    preparation.add(
                        parameters_name(operation, location),
                        {
                            "type": "object",
                            "description": f"{location.capitalize()} parameters of {operation.operation_id}.",
                            "required": [parameter.name for parameter in parameters if parameter.required],
                            "properties": {
                                parameter.name: {**parameter.schema, "description": parameter.description}
                                for parameter in parameters
                            },
                            "additionalProperties": False,
                        },
                        is_open=False,
                    )
    return Prepared(
        preparation.schemas,
        frozenset(preparation.closed),
        frozenset(holders),
        frozenset(preparation.unnamed),
        preparation.documentation,
        preparation.field_documentation,
    )


def parameters_name(operation: Operation, location: str) -> str:
    """Name the type that holds an operation's parameters of one location, e.g. `GetJobStatusQuery`."""
    return operation.class_prefix + LOCATION_SUFFIX[location]


def _find_variants(schemas: dict[str, Any]) -> dict[str, str]:
    """Map each variant of a discriminated union to the property that tells it from the others."""
    variants: dict[str, str] = {}
    for schema in schemas.values():
        discriminator = schema.get("discriminator")
        if discriminator:
            for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
                if "$ref" in branch:
                    variants[split_pointer(branch["$ref"])[-1]] = discriminator["propertyName"]
    return variants


def _loosen(schema: dict[str, Any]) -> None:
    for bound in BOUNDS:
        schema.pop(bound, None)
    values = schema.pop("enum", None)
    if "const" in schema:
        values = [schema.pop("const")]
    if values is not None and "type" not in schema:
        names = sorted({_type_of(value) for value in values})
        schema["type"] = names[0] if len(names) == 1 else names


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "boolean", int: "integer", float: "number", str: "string"}.get(type(value), "object")


def _keep_integers(schema: dict[str, Any]) -> None:
    """Say `integer` beside `number` where a value may be of many types: long integers keep all digits."""
    types = schema.get("type")
    if (
        isinstance(types, list)
        and "number" in types
        and "integer" not in types
        and len(set(types) - {"null"}) > 1
    ):
        schema["type"] = [
            name for given in types for name in (("integer", given) if given == "number" else (given,))
        ]


def _whole_text(pattern: str) -> str:
    """Say in Python's words that a pattern reaches the end: its `$` also matches before a last line break."""
    return f"{pattern[:-1]}\\Z" if re.search(r"(?<!\\)(?:\\\\)*\$$", pattern) else pattern


def _settle_object(schema: dict[str, Any], *, is_open: bool) -> None:
    """Write maps as maps, and say of every other object whether it is open."""
    types = schema.get("type")
    if types != "object" and not (isinstance(types, list) and "object" in types):
        return
    if schema.get("properties"):
        schema["additionalProperties"] = is_open
    elif schema.get("additionalProperties", True) is True:
        schema["additionalProperties"] = {}
