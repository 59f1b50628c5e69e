"""Holds requests and answers against the contract: the operation a request is for, what it carries, and
whether an answer is one that the operation may give."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pydantic import BaseModel, TypeAdapter, ValidationError

from pynomaly._generated import operations
from pynomaly._generated.operations import Operation
from pynomaly._generated.shapes import SHAPES, Parameter, Shape
from pynomaly.testing.problems import Refusal

if TYPE_CHECKING:
    import httpx

BASE_PATH = "/api/v1"
_JSON = "application/json"


class ContractError(AssertionError):
    """A test asks the fake server for what no real one could do; the message says what the contract has."""


class UnknownBehaviourError(AssertionError):
    """The fake server does not know what a real one would answer; the message says how to tell it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that fits the contract.

    Attributes:
        operation: What it is for.
        parameters: Values of path, query and headers, as their types have them.
        body: The JSON body as the model of the contract; None where there is none.
        content: The bytes of the body.
        media_type: Their media type.
        accept: The media types that the caller takes.
        api_root: Address of the server up to and including `/api/v1`.
    """

    operation: Operation
    parameters: Mapping[str, Any]
    body: Any
    content: bytes = field(repr=False)
    media_type: str
    accept: str
    api_root: str


OPERATIONS: Mapping[str, Operation] = {
    value.id: value for value in vars(operations).values() if isinstance(value, Operation)
}


def shape_of(operation_id: str) -> Shape:
    """The shape of an operation.

    Raises:
        ContractError: The contract has no such operation.
    """
    if operation_id not in SHAPES:
        raise ContractError(
            f"The contract has no operation {operation_id!r}; its operations are {', '.join(sorted(SHAPES))}."
        )
    return SHAPES[operation_id]


def find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """The operation of a request, and the texts in its path.

    Args:
        method: HTTP method.
        path: Path below the base path, percent-encoded.

    Raises:
        Refusal: `not-found` or `method-not-allowed`.
    """
    allowed: list[str] = []
    for operation, pattern in _patterns():
        found = pattern.fullmatch(path)
        if found is None:
            continue
        if operation.method == method:
            return operation, {name: unquote(text) for name, text in found.groupdict().items()}
        allowed.append(operation.method)
    if allowed:
        methods = ", ".join(sorted(set(allowed)))
        raise Refusal(
            "method-not-allowed", f"{method} is not allowed here; use {methods}.", headers={"Allow": methods}
        )
    raise Refusal("not-found", f"There is nothing at {BASE_PATH}{path}; see GET {BASE_PATH}/openapi.json.")


@functools.cache
def _patterns() -> tuple[tuple[Operation, re.Pattern[str]], ...]:
    # Fixed words go before parameters: `/users/me` is not the user called me.
    ordered = sorted(OPERATIONS.values(), key=lambda operation: operation.path.count("{"))
    return tuple(
        (operation, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.path))))
        for operation in ordered
    )


def read_request(request: httpx.Request, operation: Operation, texts: Mapping[str, str]) -> Asked:
    """Check a request against its operation.

    Args:
        request: The request, its body read.
        operation: What it is for.
        texts: The texts in its path.

    Raises:
        Refusal: `not-acceptable`, `unsupported-media-type`, `malformed-json` or `validation`.
    """
    shape = SHAPES[operation.id]
    accept = request.headers.get("accept", "*/*")
    _check_accept(accept, operation)
    faults: list[tuple[str, str]] = []
    parameters = _parameters(request, shape, texts, faults)
    content = request.content
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = _body(content, media_type, operation, shape, faults)
    if faults:
        listed = "; ".join(f"{pointer or 'the body'} {detail}" for pointer, detail in faults)
        raise Refusal("validation", f"The request does not fit the contract: {listed}.", faults)
    root = str(request.url.copy_with(raw_path=BASE_PATH.encode()))
    return Asked(operation, parameters, body, content, media_type, accept, root)


def _check_accept(accept: str, operation: Operation) -> None:
    offered = operation.response_media
    wanted = [each.partition(";")[0].strip() for each in accept.split(",")]
    if offered and not any(
        each == "*/*" or each in offered or each in {f"{media.partition('/')[0]}/*" for media in offered}
        for each in wanted
    ):
        raise Refusal("not-acceptable", f"{accept} is not offered here; accept one of {', '.join(offered)}.")


def _parameters(
    request: httpx.Request, shape: Shape, texts: Mapping[str, str], faults: list[tuple[str, str]]
) -> dict[str, Any]:
    query = request.url.params
    known = {each.name for each in shape.parameters if each.location == "query"}
    faults += [(f"?{name}", "is not a parameter of this operation") for name in query if name not in known]
    values: dict[str, Any] = {}
    for each in shape.parameters:
        given = {
            "path": [texts[each.name]] if each.name in texts else [],
            "query": query.get_list(each.name),
            "header": request.headers.get_list(each.name),
        }[each.location]
        if not given:
            if each.required:
                faults.append((f"?{each.name}", "is missing"))
            continue
        try:
            values[each.name] = _value(each, given)
        except ValidationError as error:
            _refuse_path(each, given)
            faults += [
                (f"?{each.name}", _sentence(fault["msg"])) for fault in error.errors(include_url=False)
            ]
    return values


def _refuse_path(parameter: Parameter, given: list[str]) -> None:
    # An id that cannot be one is answered as one that is not there.
    if parameter.location == "path":
        raise Refusal("not-found", f"There is no {parameter.name} {given[0]!r} for this caller.")


def _value(parameter: Parameter, given: list[str]) -> Any:
    adapter = _adapter(parameter.type)
    if parameter.is_json:
        return adapter.validate_json(given[-1], strict=True)
    if parameter.repeated:
        return adapter.validate_python(given)
    return adapter.validate_strings(given[-1])


def _body(
    content: bytes, media_type: str, operation: Operation, shape: Shape, faults: list[tuple[str, str]]
) -> Any:
    if not operation.request_media:
        return None
    if not content and not shape.body_required:
        return None
    if media_type not in operation.request_media:
        raise Refusal(
            "unsupported-media-type",
            f"{media_type or 'A body without a media type'} is not accepted here; send "
            f"{', '.join(operation.request_media)}.",
        )
    if media_type != _JSON or shape.body is None:
        return None
    try:
        json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed-json", f"The body is not valid JSON: {error}.") from None
    try:
        return _adapter(shape.body).validate_json(content, strict=True)
    except ValidationError as error:
        faults += [
            ("/" + "/".join(map(str, fault["loc"])) if fault["loc"] else "", _sentence(fault["msg"]))
            for fault in error.errors(include_url=False)
        ]
        return None


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number in JSON")


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:]


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def check_answer(operation_id: str, status: int, document: Any) -> bytes | None:
    """Check that an operation may answer so, and write its JSON.

    Args:
        operation_id: The operation.
        status: HTTP status.
        document: A model or what JSON is made of; None for an answer without a body.

    Returns:
        The JSON; None where the answer has no body.

    Raises:
        ContractError: The contract has no such operation, status or shape.
    """
    shape = shape_of(operation_id)
    answer = shape.answers.get(status)
    if answer is None:
        known = ", ".join(map(str, sorted(shape.answers)))
        raise ContractError(
            f"{operation_id} never answers {status}; by the contract its answers are {known}."
        )
    if answer.body is None:
        if document is not None:
            raise ContractError(f"{operation_id} answers {status} without a body; give None.")
        return None
    text = (
        document.model_dump_json(by_alias=True) if isinstance(document, BaseModel) else json.dumps(document)
    )
    try:
        _adapter(answer.body).validate_json(text)
    except ValidationError as error:
        faults = "; ".join(
            f"/{'/'.join(map(str, fault['loc']))} {_sentence(fault['msg'])}"
            for fault in error.errors(include_url=False)[:5]
        )
        name = getattr(answer.body, "__name__", str(answer.body))
        raise ContractError(
            f"{operation_id} answers {status} with a {name}, and this is none: {faults}."
        ) from None
    return text.encode()


def success_of(operation_id: str) -> int:
    """The status of an operation's success."""
    return next(status for status in shape_of(operation_id).answers if 200 <= status < 300)
