"""Runs every rule over a bundled contract."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from codegen.lint import examples, operations, schemas
from codegen.lint.findings import Contract, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = (*operations.RULES, *schemas.RULES, *examples.RULES)


def lint(document: dict[str, Any]) -> list[Finding]:
    """Find everything that is wrong with a bundled contract, sorted by place.

    A document that is not OpenAPI 3.1, or has operations without a name, is only told that: every other rule builds on it.
    """
    contract = Contract(document)
    groundwork = sorted({*_openapi(document), *operations.named(contract)})
    return groundwork or sorted(set(chain.from_iterable(rule(contract) for rule in RULES)))


def _openapi(document: dict[str, Any]) -> Iterator[Finding]:
    # Imported here: it is the slowest import of the generator, and only the linter needs it.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for error in OpenAPIV31SpecValidator(document).iter_errors():
        where = "/".join(str(part) for part in getattr(error, "absolute_path", ())) or "the document"
        yield Finding(where, "openapi", f"is not OpenAPI 3.1: {error}".splitlines()[0])
