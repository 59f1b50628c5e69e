"""Runs every rule over a bundled contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codegen.lint import examples, operations, schemas
from codegen.lint.findings import Contract, Finding

if TYPE_CHECKING:
    from jsonschema import ValidationError

RULES = (*operations.RULES, *schemas.RULES, *examples.RULES)


def lint(document: dict[str, Any]) -> list[Finding]:
    """Find everything that is wrong with a bundled contract, sorted by place.

    Where the structure is not OpenAPI 3.1 or an operation has no name, only that is said: every other rule
    builds on it.
    """
    contract = Contract(document)
    errors = _openapi_errors(document)
    said = {Finding(_place(error), "openapi", f"is not OpenAPI 3.1: {error.message}.") for error in errors}
    unnamed = set(operations.named(contract))
    if unnamed or any(error.absolute_path for error in errors):
        return sorted(said | unnamed)
    return sorted(said.union(*(rule(contract) for rule in RULES)))


def _openapi_errors(document: dict[str, Any]) -> list[ValidationError]:
    # Imported here: it is the slowest import of the generator, and only the linter needs it.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    return list(OpenAPIV31SpecValidator(document).iter_errors())


def _place(error: ValidationError) -> str:
    return "/".join(str(part) for part in error.absolute_path) or "the document"
