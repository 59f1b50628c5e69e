"""The shape of an OpenAPI 3.1 document: which kind of object stands where, so that a walk knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# For each kind of object: key -> (shape of the value, kind of what is in it).
# Shapes: "one" object, a "list" of them, a "map" of them by free keys.
SHAPES: dict[str, dict[str, tuple[str, str]]] = {
    "document": {
        "paths": ("map", "path_item"),
        "webhooks": ("map", "path_item"),
        "components": ("one", "components"),
    },
    "components": {
        "schemas": ("map", "schema"),
        "parameters": ("map", "parameter"),
        "responses": ("map", "response"),
        "requestBodies": ("map", "request_body"),
        "headers": ("map", "header"),
        "examples": ("map", "example"),
        "pathItems": ("map", "path_item"),
    },
    "path_item": {
        "parameters": ("list", "parameter"),
        **dict.fromkeys(METHODS, ("one", "operation")),
    },
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "request_body"),
        "responses": ("map", "response"),
    },
    "parameter": {"schema": ("one", "schema"), "content": ("map", "media"), "examples": ("map", "example")},
    "header": {"schema": ("one", "schema"), "content": ("map", "media"), "examples": ("map", "example")},
    "request_body": {"content": ("map", "media")},
    "response": {"headers": ("map", "header"), "content": ("map", "media")},
    "media": {"schema": ("one", "schema"), "examples": ("map", "example")},
    "schema": {
        **dict.fromkeys(
            ("properties", "patternProperties", "$defs", "dependentSchemas"),
            ("map", "schema"),
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ("list", "schema")),
        **dict.fromkeys(
            (
                "items",
                "additionalProperties",
                "propertyNames",
                "contains",
                "not",
                "if",
                "then",
                "else",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            ("one", "schema"),
        ),
    },
    "example": {},
}

# Where components of a kind live in a bundled document. Path items are written in place.
SECTIONS = {
    "schema": "schemas",
    "parameter": "parameters",
    "response": "responses",
    "request_body": "requestBodies",
    "header": "headers",
    "example": "examples",
}


@dataclass(frozen=True, slots=True)
class Child:
    """One object below another: the keys that lead to it, what kind it is, and the object."""

    keys: tuple[str | int, ...]
    kind: str
    value: Any


def children(kind: str, value: Any) -> Iterator[Child]:
    """Yield the objects directly below one, in the order of the document."""
    if not isinstance(value, dict):
        return
    shapes = SHAPES[kind]
    for key, below in value.items():
        if key not in shapes:
            continue
        shape, child_kind = shapes[key]
        if shape == "one":
            yield Child((key,), child_kind, below)
        elif shape == "list" and isinstance(below, list):
            for index, item in enumerate(below):
                yield Child((key, index), child_kind, item)
        elif shape == "map" and isinstance(below, dict):
            for name, item in below.items():
                yield Child((key, name), child_kind, item)


def walk(kind: str, value: Any, pointer: str = "#") -> Iterator[tuple[str, str, Any]]:
    """Yield (pointer, kind, object) for an object and all below it; references are met, not followed."""
    yield pointer, kind, value
    for child in children(kind, value):
        yield from walk(child.kind, child.value, join_pointer(pointer, child.keys))


def join_pointer(pointer: str, keys: tuple[str | int, ...]) -> str:
    """Extend a JSON pointer (RFC 6901) by keys."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def split_pointer(pointer: str) -> list[str]:
    """Split `#/a/b~1c` into its keys."""
    body = pointer.removeprefix("#").removeprefix("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in body.split("/")] if body else []


def lookup(document: Any, pointer: str) -> Any:
    """Find what a JSON pointer names.

    Raises:
        KeyError: nothing is there.
    """
    found = document
    for key in split_pointer(pointer):
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise KeyError(pointer)
    return found


def resolve(document: dict[str, Any], value: Any) -> Any:
    """Follow an object's `$ref` within one bundled document until something stands there itself."""
    while isinstance(value, dict) and "$ref" in value:
        value = lookup(document, value["$ref"])
    return value
