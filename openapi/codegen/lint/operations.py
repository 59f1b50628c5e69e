"""Rules for operations: names, traits, parameters and the errors they must own up to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from codegen.grammar import METHODS, resolve
from codegen.lint.findings import Contract, Finding
from codegen.operations import JSON_MEDIA
from codegen.traits import trait_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.operations import Operation

CAMEL_CASE = re.compile(r"^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)*$")
KEBAB_SEGMENT = re.compile(r"^(?:[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)?|\{[a-z][a-z0-9_]*\})$")
PROBLEM = "application/problem+json"


def named(contract: Contract) -> Iterator[Finding]:
    """operation-id: every operation has one."""
    for path, item in contract.document.get("paths", {}).items():
        for method in METHODS:
            if method in item and not item[method].get("operationId"):
                yield Finding(
                    f"{method.upper()} {path}", "operation-id", "has no operationId; name it, in camelCase."
                )


def operation_id(contract: Contract) -> Iterator[Finding]:
    """operation-id: camelCase and unique."""
    uses = Counter(operation.operation_id for operation in contract.operations)
    for operation in contract.operations:
        if not CAMEL_CASE.match(operation.operation_id):
            yield Finding(
                operation.operation_id,
                "operation-id",
                f"({operation.pointer}) is not camelCase; rename it, it becomes the SDK's verb.",
            )
        if uses[operation.operation_id] > 1:
            yield Finding(
                operation.operation_id,
                "operation-id",
                f"({operation.pointer}) is used {uses[operation.operation_id]} times; "
                "each operation needs its own.",
            )


def operation_tag(contract: Contract) -> Iterator[Finding]:
    """operation-tag: exactly one, listed in the root document."""
    listed = {tag.get("name") for tag in contract.document.get("tags", ())}
    for _, kind, operation in contract.objects:
        if kind != "operation":
            continue
        tags = operation.get("tags", [])
        name = operation["operationId"]
        if len(tags) != 1:
            yield Finding(
                name, "operation-tag", f"has {len(tags)} tags; give it exactly one, the SDK's resource."
            )
        for tag in tags:
            if tag not in listed:
                yield Finding(
                    name,
                    "operation-tag",
                    f"has the tag {tag!r}, which the root's `tags` lacks; add it there.",
                )


def operation_description(contract: Contract) -> Iterator[Finding]:
    """operation-description: a summary, and a description of itself, its body and its answers."""
    for operation in contract.operations:
        name = operation.operation_id
        for word, text in (("summary", operation.summary), ("description", operation.description)):
            if not text.strip():
                yield Finding(
                    name,
                    "operation-description",
                    f"has no {word}; write one, the SDK's docstring is made of it.",
                )
        if operation.body_content and not operation.body_description.strip():
            yield Finding(
                name, "operation-description", "has a request body without description; say what to send."
            )


def operation_traits(contract: Contract) -> Iterator[Finding]:
    """operation-traits: a valid x-pynomaly that agrees with the rest of the operation."""
    for operation in contract.operations:
        faults = trait_faults(operation.extension or None, public=operation.public)
        for fault in faults or _disagreements(contract, operation):
            yield Finding(operation.operation_id, "operation-traits", f"{fault}.")


def _disagreements(contract: Contract, operation: Operation) -> Iterator[str]:
    traits = operation.extension
    headers = {parameter.name for parameter in operation.parameters_in("header")}
    queries = {parameter.name for parameter in operation.parameters_in("query")}
    if operation.method == "GET" and traits["retry"] != "safe":
        yield "is a GET, so x-pynomaly.retry must be safe"
    if (traits["retry"] == "idempotency-key") != ("Idempotency-Key" in headers):
        yield (
            "must have both x-pynomaly.retry idempotency-key and the header parameter Idempotency-Key, "
            "or neither"
        )
    statuses = {response.status for response in operation.responses}
    if traits.get("job") and 202 not in statuses:
        yield "has x-pynomaly.job, so it must answer 202 with a job"
    if traits.get("pagination"):
        page = resolve(contract.document, operation.success.json_schema or {}).get("properties", {})
        if not {"limit", "cursor"} <= queries or not {"items", "next_cursor"} <= set(page):
            yield (
                "has x-pynomaly.pagination, so it needs the query parameters limit and cursor "
                "and an answer with items and next_cursor"
            )


def path_case(contract: Contract) -> Iterator[Finding]:
    """path-case: kebab-case segments, snake_case parameters."""
    for path in contract.document.get("paths", {}):
        if not all(KEBAB_SEGMENT.match(segment) for segment in path.strip("/").split("/")):
            yield Finding(path, "path-case", "is not kebab-case with {snake_case} parameters; rename it.")


def parameter(contract: Contract) -> Iterator[Finding]:
    """parameter-description and path-pattern: what a parameter is, and what an id looks like."""
    for operation in contract.operations:
        for one in operation.parameters:
            where = f"{operation.operation_id} {one.location} parameter {one.name}"
            if not one.description.strip():
                yield Finding(where, "parameter-description", "has no description; write one.")
            schema = resolve(contract.document, one.schema)
            if (
                one.location == "path"
                and schema.get("type") == "string"
                and not {"pattern", "enum"} & set(schema)
            ):
                yield Finding(
                    where,
                    "path-pattern",
                    "has no pattern; say what an id looks like, so that nonsense is refused early.",
                )


def operation_errors(contract: Contract) -> Iterator[Finding]:
    """operation-errors: every error that callers must expect is said."""
    for operation in contract.operations:
        said = {response.status for response in operation.responses}
        for status, why in _expected_errors(operation).items():
            if status not in said:
                yield Finding(
                    operation.operation_id,
                    "operation-errors",
                    f"lacks {status}, which it can answer because {why}; add it.",
                )
        if not any(200 <= status < 300 for status in said):
            yield Finding(
                operation.operation_id,
                "operation-errors",
                "has no 2xx response; say what success looks like.",
            )


def _expected_errors(operation: Operation) -> dict[int, str]:
    expected: dict[int, str] = {}
    if not operation.public:
        expected |= dict.fromkeys((401, 403), "it is not public")
        expected |= dict.fromkeys((429, 503), "it is rate limited and may be overloaded")
    if operation.parameters_in("path"):
        expected[404] = "it has path parameters"
    if operation.parameters or operation.body_content:
        expected[422] = "it has input"
    if operation.body_content:
        expected |= dict.fromkeys((400, 413, 415), "it has a body")
    return expected


def problem_response(contract: Contract) -> Iterator[Finding]:
    """problem-response: errors are the shared responses and carry problem documents."""
    for _, kind, operation in contract.objects:
        if kind != "operation":
            continue
        for status, response in operation.get("responses", {}).items():
            if status.isdigit() and int(status) < 400:
                continue
            name = f"{operation['operationId']} {status}"
            if "$ref" not in response:
                yield Finding(
                    name,
                    "problem-response",
                    "is written in place; refer to a shared response in schemas/problems.yaml.",
                )
            if list(resolve(contract.document, response).get("content", {})) != [PROBLEM]:
                yield Finding(name, "problem-response", f"must carry {PROBLEM} and nothing else.")


def body_reference(contract: Contract) -> Iterator[Finding]:
    """body-reference: JSON bodies and answers are named, so that both SDKs have a type for them."""
    for operation in contract.operations:
        contents = [("request body", operation.body_content)]
        contents += [(f"{response.status} response", response.content) for response in operation.responses]
        for what, content in contents:
            for media, value in content.items():
                schema = value.get("schema")
                if (
                    (JSON_MEDIA.match(media) or media == "text/event-stream")
                    and schema
                    and "$ref" not in schema
                ):
                    yield Finding(
                        f"{operation.operation_id} {what}",
                        "body-reference",
                        f"writes its {media} schema in place; move it to schemas/ and refer to it.",
                    )


RULES = (
    operation_id,
    operation_tag,
    operation_description,
    operation_traits,
    path_case,
    parameter,
    operation_errors,
    problem_response,
    body_reference,
)
