"""Rules for schemas: what is described, named, closed, open and bounded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codegen.audience import SCHEMAS
from codegen.grammar import join_pointer, resolve, split_pointer, walk
from codegen.lint.findings import Contract, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

PASCAL_CASE = re.compile(r"^[A-Z][A-Za-z0-9]*$")
# Formats whose text has a length of its own.
SHORT_FORMATS = frozenset({"date-time", "date", "time", "uuid", "ipv4", "ipv6"})
# A quantifier without an upper bound: *, + or {n,}.
UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})")


def schema_name(contract: Contract) -> Iterator[Finding]:
    """schema-name: PascalCase, because it names a class."""
    for name in contract.schemas:
        if not PASCAL_CASE.match(name):
            yield Finding(
                f"schema {name}",
                "schema-name",
                "is not PascalCase; rename it, it names a class in every language.",
            )


def schema_description(contract: Contract) -> Iterator[Finding]:
    """schema-description: every schema and every property says what it is."""
    for name, schema in contract.schemas.items():
        if not schema.get("description", "").strip():
            yield Finding(f"schema {name}", "schema-description", "has no description; write one.")
    for pointer, kind, schema in contract.objects:
        if kind != "schema" or not isinstance(schema, dict):
            continue
        for field, value in schema.get("properties", {}).items():
            if not value.get("description") and not resolve(contract.document, value).get("description"):
                yield Finding(
                    _place(join_pointer(pointer, (field,))),
                    "schema-description",
                    "has no description; write one.",
                )


def inline_object(contract: Contract) -> Iterator[Finding]:
    """inline-object: objects with properties stand under a name of their own."""
    for pointer, kind, schema in contract.objects:
        if (
            kind == "schema"
            and isinstance(schema, dict)
            and schema.get("properties")
            and not _is_component(pointer)
        ):
            yield Finding(
                _place(pointer),
                "inline-object",
                "is an object written in place; give it a name in schemas/ and refer to it.",
            )


def request_closed(contract: Contract) -> Iterator[Finding]:
    """request-closed: what is sent to the server has no unknown fields."""
    for name in contract.audience.requests:
        for schema in _objects_with_properties(contract.schemas[name]):
            if schema.get("additionalProperties") is not False:
                yield Finding(
                    f"schema {name}",
                    "request-closed",
                    "is part of a request but open; say `additionalProperties: false`.",
                )


def response_open(contract: Contract) -> Iterator[Finding]:
    """response-open: what the server sends may grow."""
    for name in contract.audience.responses - contract.audience.requests:
        for schema in _objects_with_properties(contract.schemas[name]):
            if schema.get("additionalProperties", True) is False:
                yield Finding(
                    f"schema {name}",
                    "response-open",
                    "is only in responses but closed, so that a new field would break clients; "
                    "drop `additionalProperties`.",
                )


def request_bounds(contract: Contract) -> Iterator[Finding]:
    """request-bounds: nothing that is sent is endless."""
    roots = [(f"schema {name}", contract.schemas[name]) for name in contract.audience.requests]
    roots += [
        (f"{operation.operation_id} {parameter.location} parameter {parameter.name}", parameter.schema)
        for operation in contract.operations
        for parameter in operation.parameters
    ]
    for where, root in roots:
        for pointer, kind, schema in walk("schema", root, ""):
            if kind == "schema" and isinstance(schema, dict) and "x-unbounded" not in schema:
                for fault in _missing_bounds(schema):
                    yield Finding(f"{where}{pointer}", "request-bounds", fault)


def unbounded_reason(contract: Contract) -> Iterator[Finding]:
    """request-bounds: whoever leaves a bound out says why."""
    for pointer, kind, schema in contract.objects:
        if kind == "schema" and isinstance(schema, dict) and "x-unbounded" in schema:
            reason = schema["x-unbounded"]
            if not isinstance(reason, str) or not reason.strip():
                yield Finding(
                    _place(pointer),
                    "request-bounds",
                    "has x-unbounded without a reason; say why there is no bound.",
                )


def alias_recursion(contract: Contract) -> Iterator[Finding]:
    """alias-recursion: only by way of an object may a schema contain itself, as only classes can do that."""
    for name in contract.schemas:
        if _reaches_itself(contract, name):
            yield Finding(
                f"schema {name}",
                "alias-recursion",
                "contains itself without an object in between; make one part an object.",
            )


def _missing_bounds(schema: dict[str, Any]) -> Iterator[str]:
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "array" in types and "maxItems" not in schema:
        yield "is an array in a request without maxItems; add it, or `x-unbounded: reason`."
    if "string" in types and not _is_short(schema):
        yield "is a string in a request without maxLength; add it, or `x-unbounded: reason`."
    if "object" in types and not schema.get("properties") and "maxProperties" not in schema:
        yield "is a map in a request without maxProperties; add it, or `x-unbounded: reason`."


def _is_short(schema: dict[str, Any]) -> bool:
    if {"maxLength", "enum", "const"} & set(schema) or schema.get("format") in SHORT_FORMATS:
        return True
    pattern = schema.get("pattern", "")
    return pattern.startswith("^") and pattern.endswith("$") and not UNBOUNDED.search(pattern)


def _objects_with_properties(schema: Any) -> Iterator[dict[str, Any]]:
    for _, kind, value in walk("schema", schema):
        if kind == "schema" and isinstance(value, dict) and value.get("properties"):
            yield value


def _reaches_itself(contract: Contract, name: str) -> bool:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for reference in _alias_references(contract.schemas[waiting.pop()]):
            if reference == name:
                return True
            if reference not in seen:
                seen.add(reference)
                waiting.append(reference)
    return False


def _alias_references(schema: Any) -> Iterator[str]:
    """The components that a schema contains without an object with properties in between."""
    if not isinstance(schema, dict) or schema.get("properties"):
        return
    for _, kind, value in walk("schema", schema):
        if kind == "schema" and isinstance(value, dict) and str(value.get("$ref", "")).startswith(SCHEMAS):
            yield split_pointer(value["$ref"])[-1]


def _is_component(pointer: str) -> bool:
    return pointer.startswith(SCHEMAS) and len(split_pointer(pointer)) == 3


def _place(pointer: str) -> str:
    """A pointer as a person would say it."""
    keys = [key for key in split_pointer(pointer) if key != "properties"]
    return f"schema {'.'.join(keys[2:])}" if pointer.startswith(SCHEMAS) else pointer


RULES = (
    schema_name,
    schema_description,
    inline_object,
    request_closed,
    response_open,
    request_bounds,
    unbounded_reason,
    alias_recursion,
)
