"""Rules for examples: every body has one, and each is what its schema says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from codegen.grammar import join_pointer, lookup, resolve
from codegen.lint.findings import Contract, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "urn:contract"


def example_missing(contract: Contract) -> Iterator[Finding]:
    """example-missing: every body shows what it looks like, except files in a binary format."""
    for pointer, kind, media in contract.objects:
        if kind != "media" or "schema" not in media:
            continue
        schema = resolve(contract.document, media["schema"])
        shown = {"example", "examples"} & set(media) or schema.get("examples")
        if not shown and schema.get("format") != "binary" and not _is_parameter_content(contract, pointer):
            yield Finding(
                pointer, "example-missing", "has no example; add one here, or `examples` to its schema."
            )


def example_invalid(contract: Contract) -> Iterator[Finding]:
    """example-invalid: an example is an instance of its schema, formats included."""
    validator = _Examples(contract.document)
    for pointer, kind, value in contract.objects:
        if not isinstance(value, dict):
            continue
        if kind == "schema":
            for index, example in enumerate(value.get("examples", ())):
                yield from validator.check(example, pointer, join_pointer(pointer, ("examples", index)))
            if "default" in value:
                yield from validator.check(value["default"], pointer, join_pointer(pointer, ("default",)))
        elif kind in {"media", "parameter", "header"}:
            schema = join_pointer(pointer, ("schema",))
            if "schema" not in value:
                continue
            if "example" in value:
                yield from validator.check(value["example"], schema, join_pointer(pointer, ("example",)))
            for name, example in value.get("examples", {}).items():
                shown = resolve(contract.document, example)
                if "value" in shown:
                    yield from validator.check(
                        shown["value"], schema, join_pointer(pointer, ("examples", name))
                    )


class _Examples:
    def __init__(self, document: dict[str, Any]) -> None:
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(BASE, resource)

    def check(self, example: Any, schema: str, where: str) -> Iterator[Finding]:
        """Compare an example with the schema at a pointer."""
        validator = Draft202012Validator(
            {"$ref": f"{BASE}#{quote(schema.removeprefix('#'))}"},
            registry=self._registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        for error in validator.iter_errors(example):
            inside = "/".join(map(str, error.absolute_path))
            yield Finding(
                where,
                "example-invalid",
                f"{f'at {inside}: ' if inside else ''}{error.message}; mend the example.",
            )


def _is_parameter_content(contract: Contract, pointer: str) -> bool:
    """Whether a media type describes a parameter, whose example stands with the parameter or its schema."""
    owner = lookup(contract.document, pointer.rsplit("/content/", 1)[0])
    return "in" in owner


RULES = (example_missing, example_invalid)
