"""What each operation takes and gives, as Python types with their bounds: what the client's fake server holds
requests and answers against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codegen.grammar import resolve, split_pointer
from codegen.operations import JSON_MEDIA

if TYPE_CHECKING:
    from codegen.operations import Operation, Response

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
    "pattern": "pattern",
}


class Shapes:
    """Turns schemas of one document into annotations.

    Args:
        document: The bundled contract.
        names: Components that are models of the SDK.
    """

    def __init__(self, document: dict[str, Any], names: frozenset[str]) -> None:
        self._document = document
        self._names = names

    def annotation(self, schema: dict[str, Any]) -> str:
        """The type of a value, bounds included."""
        if "$ref" in schema and (name := split_pointer(schema["$ref"])[-1]) in self._names:
            return f"models.{name}"
        schema = resolve(self._document, schema)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return " | ".join(self.annotation(branch) for branch in schema[key])
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return f"Literal[{', '.join(map(repr, values))}]"
        return self._bounded(self._plain(schema), schema)

    def is_list(self, schema: dict[str, Any]) -> bool:
        """Whether a parameter's name is repeated for each of its values."""
        return resolve(self._document, schema).get("type") == "array"

    def body(self, operation: Operation) -> str:
        """The type of the JSON body; `None` where there is no JSON."""
        return self._json(operation.body_content)

    def answer(self, response: Response) -> str:
        """The type of the JSON, or of an event's data; `None` where there is neither."""
        return self._json(response.content)

    def _json(self, content: dict[str, dict[str, Any]]) -> str:
        for media, value in content.items():
            if JSON_MEDIA.match(media) or media == "text/event-stream":
                return self.annotation(value["schema"]) if value.get("schema") else "Any"
        return "None"

    def _plain(self, schema: dict[str, Any]) -> str:
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            return " | ".join(_SCALARS[each] for each in kind)
        if kind == "array":
            return f"list[{self.annotation(schema.get('items', {}))}]"
        return _SCALARS.get(kind, "dict[str, Any]")

    @staticmethod
    def _bounded(plain: str, schema: dict[str, Any]) -> str:
        bounds = [f"{name}={schema[word]!r}" for word, name in _BOUNDS.items() if word in schema]
        return f"Annotated[{plain}, Field({', '.join(bounds)})]" if bounds else plain
