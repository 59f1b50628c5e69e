"""The types that the fake server holds requests and answers against."""

import pytest

from codegen.shapes import Shapes

DOCUMENT = {
    "components": {
        "schemas": {
            "Name": {"type": "string", "maxLength": 9},
            "Outside": {"type": "integer", "minimum": 1},
        }
    }
}
SHAPES = Shapes(DOCUMENT, frozenset({"Name"}))


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        ({"$ref": "#/components/schemas/Name"}, "models.Name"),
        ({"$ref": "#/components/schemas/Outside"}, "Annotated[int, Field(ge=1)]"),
        (
            {"type": "string", "minLength": 1, "pattern": "^a"},
            "Annotated[str, Field(min_length=1, pattern='^a')]",
        ),
        ({"type": ["string", "null"]}, "str | None"),
        ({"enum": ["a", "b"]}, "Literal['a', 'b']"),
        (
            {"type": "array", "items": {"type": "number"}, "maxItems": 2},
            "Annotated[list[float], Field(max_length=2)]",
        ),
        (
            {"oneOf": [{"type": "number", "exclusiveMinimum": 0}, {"const": "auto"}]},
            "Annotated[float, Field(gt=0)] | Literal['auto']",
        ),
        ({"type": "object"}, "dict[str, Any]"),
    ],
)
def test_a_schema_becomes_a_type_with_its_bounds(schema, annotation):
    assert SHAPES.annotation(schema) == annotation
