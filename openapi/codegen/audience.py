"""Who reads which schema: requests are read by the server and closed, responses by the clients and open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codegen.grammar import split_pointer, walk
from codegen.operations import EVENT_STREAM, JSON_MEDIA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.operations import Operation

SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Audience:
    """Names of the component schemas reachable from requests and from responses; one may be in both."""

    requests: frozenset[str]
    responses: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """Every schema that any JSON of the contract is made of."""
        return self.requests | self.responses


def find_audience(document: dict[str, Any], operations: tuple[Operation, ...]) -> Audience:
    """Sort the component schemas of a bundled document by who reads them.

    Bodies in a media type of their own (CSV, Parquet) are bytes to both sides and need no type.
    """
    requests: list[Any] = []
    responses: list[Any] = []
    for operation in operations:
        requests += [parameter.schema for parameter in operation.parameters]
        requests += typed_schemas(operation.body_content)
        for response in operation.responses:
            responses += typed_schemas(response.content)
    return Audience(_closure(document, requests), _closure(document, responses))


def typed_schemas(content: dict[str, dict[str, Any]]) -> list[Any]:
    """Schemas of the media types whose content is JSON, alone or as the data of events."""
    return [
        value["schema"]
        for media, value in content.items()
        if "schema" in value and (JSON_MEDIA.match(media) or media == EVENT_STREAM)
    ]


def references(schema: Any) -> Iterator[str]:
    """Yield the names of the components that a schema refers to, its own references only."""
    for _, kind, value in walk("schema", schema):
        if kind != "schema" or not isinstance(value, dict):
            continue
        mapping = value.get("discriminator", {}).get("mapping", {})
        for reference in (value.get("$ref"), *mapping.values()):
            if isinstance(reference, str) and reference.startswith(SCHEMAS):
                yield split_pointer(reference)[-1]


def _closure(document: dict[str, Any], roots: list[Any]) -> frozenset[str]:
    schemas = document.get("components", {}).get("schemas", {})
    reached: set[str] = set()
    waiting = [name for root in roots for name in references(root)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += references(schemas[name])
    return frozenset(reached)
