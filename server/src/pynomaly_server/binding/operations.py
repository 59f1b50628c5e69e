"""Binds handlers to the contract's operations and refuses to start on any mismatch, naming it."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.types import Receive, Scope

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding import json_body, negotiation
from pynomaly_server.binding.body import (
    JSON,
    BodyStream,
    TableBody,
    read_body,
    refuse_declared_length,
    stream_body,
)
from pynomaly_server.binding.headers import FirstHeaders
from pynomaly_server.binding.parameters import QueryDecoder, decode_headers, decode_path, parse_query
from pynomaly_server.contract.operations import OPERATIONS, Operation
from pynomaly_server.problems import Fault, invalid
from pynomaly_server.ratelimit.limiter import Allowance

_MARK: Final = "__pynomaly_operation__"
_JSON_ENCODER: Final = msgspec.json.Encoder()


class BindingError(Exception):
    """Contract and handlers disagree; each line of the message names one fault."""


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How many bytes a body may have, and what a caller with more should do."""

    max_bytes: int
    remedy: str


DEFAULT_BODY_LIMIT: Final = BodyLimit(1024 * 1024, "Send less.")


class RequestInfo(msgspec.Struct, frozen=True):
    """What a handler may want to know about the request besides its parameters."""

    request_id: str
    given: frozenset[str]
    """Names of the query parameters that the caller sent."""
    accept: str | None
    media_type: str
    """The media type the answer takes, by `Accept` and what the operation offers."""
    allowance: Allowance
    """What the request draws on for its rows."""
    arrived: datetime
    """When its headers had been read, by this machine's clock."""


class Reply(msgspec.Struct, frozen=True):
    """An answer that is more than the struct of the operation's success response; None is an empty one."""

    body: msgspec.Struct | bytes | AsyncIterator[bytes] | None
    media_type: str | None = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class Answered(msgspec.Struct, frozen=True):
    """What an operation answers, with everything that says how it is sent."""

    body: msgspec.Struct | bytes | AsyncIterator[bytes] | None
    status: int
    media_type: str
    headers: Mapping[str, str]


Handler = Callable[..., Awaitable[Any]]
Call = Callable[[Scope, Receive], Awaitable[Answered]]
"""Decodes what an operation's handler takes, and calls it; stands in its route's `opt` as `call`."""
ANSWERED: Final = "answered"
"""Where a request's state has what a call has answered, for Litestar to send."""


def handles(operation_id: str) -> Callable[[Handler], Handler]:
    """Marks a controller's method as the handler of `operation_id`."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, operation_id)
        return handler

    return mark


def bind(
    controllers: Sequence[object],
    body_limits: Mapping[str, BodyLimit],
    operations: Mapping[str, Operation] = OPERATIONS,
) -> list[HTTPRouteHandler]:
    """Make one route for each operation.

    Raises:
        BindingError: an operation has no handler or two, a handler no operation, or a handler's
            parameters are not those of its operation; all faults are named at once.
    """
    handlers: dict[str, Handler] = {}
    faults: list[str] = []
    for controller in controllers:
        for _, method in inspect.getmembers(controller, inspect.ismethod):
            operation_id = getattr(method, _MARK, None)
            if operation_id is None:
                continue
            place = f"{type(controller).__name__}.{method.__name__}"
            if operation_id not in operations:
                faults.append(f"{place} handles {operation_id}, which the contract does not have.")
            elif operation_id in handlers:
                faults.append(f"{place} handles {operation_id}, which has a handler already.")
            else:
                handlers[operation_id] = method
                faults.extend(
                    f"{place}: {fault}" for fault in _signature_faults(method, operations[operation_id])
                )
    faults.extend(
        f"{operation.operation_id} ({operation.method} {operation.path}) has no handler."
        for operation in operations.values()
        if operation.operation_id not in handlers
    )
    faults.extend(
        f"A body limit is set for {name}, which the contract does not have."
        for name in body_limits
        if name not in operations
    )
    if faults:
        raise BindingError(
            "The handlers do not fit the contract:\n" + "\n".join(f"  - {fault}" for fault in faults)
        )
    return [
        _route(operations[operation_id], handler, body_limits.get(operation_id, DEFAULT_BODY_LIMIT))
        for operation_id, handler in handlers.items()
    ]


def _signature_faults(handler: Handler, operation: Operation) -> list[str]:
    """Where a handler's parameters differ from what its operation gives."""
    faults = []
    expected: dict[str, Any] = {
        "path": operation.path_params,
        "query": operation.query_params,
        "headers": operation.header_params,
        "principal": None if operation.public else Principal,
        "info": RequestInfo,
    }
    hints = _hints(handler)
    for name, annotation in hints.items():
        if name == "body":
            continue
        if name not in expected:
            faults.append(f"takes {name!r}; a handler may take {', '.join(expected)} and body.")
        elif expected[name] is None:
            faults.append(f"takes {name!r}, but {operation.operation_id} has none.")
        elif annotation is not expected[name]:
            faults.append(
                f"takes {name!r} as {annotation}, but the contract's type is {expected[name].__name__}."
            )
    faults.extend(
        f"ignores the {name} parameters of {operation.operation_id}."
        for name in ("path", "query", "headers")
        if expected[name] is not None and name not in hints
    )
    return faults + _body_faults(hints.get("body"), operation)


def _body_faults(annotation: Any, operation: Operation) -> list[str]:
    if not operation.request_media:
        return [] if annotation is None else [f"takes a body, but {operation.operation_id} has none."]
    if annotation is None:
        return [f"ignores the body of {operation.operation_id}."]
    taken = set(_members(annotation))
    if BodyStream in taken:
        return []
    faults = []
    if JSON in operation.request_media and operation.body not in taken:
        faults.append(f"does not take the JSON body of {operation.operation_id} as {operation.body}.")
    if any(media != JSON for media in operation.request_media) and TableBody not in taken:
        faults.append(
            f"does not take TableBody, but {operation.operation_id} accepts media types besides JSON."
        )
    return faults


def _members(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return (annotation,)


def _hints(handler: Handler) -> dict[str, Any]:
    return {name: hint for name, hint in typing.get_type_hints(handler).items() if name != "return"}


def _route(operation: Operation, handler: Handler, limit: BodyLimit) -> HTTPRouteHandler:
    """One Litestar route that decodes what the handler takes, calls it and encodes what it returns."""
    hints = _hints(handler)
    success, spec = next(
        (status, spec) for status, spec in operation.responses.items() if 200 <= status < 300
    )
    query_decoder = (
        QueryDecoder(operation.query_params, operation.operation_id) if operation.query_params else None
    )
    read = _body_reader(operation, hints["body"], limit) if "body" in hints else None

    async def call(scope: Scope, receive: Receive) -> Answered:
        arguments: dict[str, Any] = {}
        given: frozenset[str] = frozenset()
        headers = FirstHeaders(scope["headers"])
        accept = headers.get("accept")
        # An answer without a body is acceptable to everybody.
        media_type = negotiation.response_media_type(accept, spec.media) if spec.media else ""
        if operation.path_params is not None:
            arguments["path"] = decode_path(scope["path_params"], operation.path_params)
        if query_decoder is not None:
            arguments["query"], given = query_decoder.decode(scope["query_string"])
        elif pairs := parse_query(scope["query_string"]):
            raise invalid(
                [Fault(f"?{pairs[0][0]}", f"is no parameter of {operation.operation_id}; it takes none")]
            )
        if operation.header_params is not None:
            arguments["headers"] = decode_headers(headers, operation.header_params)
        if "principal" in hints:
            arguments["principal"] = scope["user"]
        if "info" in hints:
            state = scope["state"]
            arguments["info"] = RequestInfo(
                state["request_id"], given, accept, media_type, state["allowance"], state["arrived"]
            )
        if read is not None:
            arguments["body"] = await read(headers, receive)
        answer = await handler(**arguments)
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        return Answered(reply.body, success, reply.media_type or media_type, reply.headers)

    async def endpoint(request: Request[Any, Any, Any]) -> Response[Any]:
        answered: Answered | None = request.scope["state"].pop(ANSWERED, None)
        return _response(answered or await call(request.scope, request.receive))

    return HTTPRouteHandler(
        path=_litestar_path(operation),
        http_method=operation.method,  # type: ignore[arg-type]
        name=operation.operation_id,
        # Each response says its own status; Litestar takes no 204 for a function that returns something.
        status_code=success if spec.media else HTTPStatus.OK,
        opt={"operation": operation, "call": call},
    )(endpoint)


def _litestar_path(operation: Operation) -> str:
    return operation.path.replace("}", ":str}")


def _body_reader(
    operation: Operation, annotation: Any, limit: BodyLimit
) -> Callable[[FirstHeaders, Receive], Awaitable[Any]]:
    streamed = BodyStream in _members(annotation)

    async def read(headers: FirstHeaders, receive: Receive) -> Any:
        media_type = negotiation.request_media_type(
            headers.get("content-type"),
            headers.get("content-encoding"),
            operation.request_media,
        )
        refuse_declared_length(headers.get("content-length"), limit.max_bytes, limit.remedy)
        if streamed:
            return BodyStream(media_type, stream_body(receive, limit.max_bytes, limit.remedy))
        data = await read_body(receive, limit.max_bytes, limit.remedy)
        if media_type == JSON:
            return json_body.decode(data, operation.body)
        return TableBody(media_type, data)

    return read


def _response(answered: Answered) -> Response[Any]:
    body, status, media_type = answered.body, answered.status, answered.media_type
    headers = dict(answered.headers)
    if body is None:
        return Response(None, status_code=status, headers=headers)
    if isinstance(body, msgspec.Struct):
        return Response(
            _JSON_ENCODER.encode(body), status_code=status, media_type=media_type, headers=headers
        )
    if isinstance(body, bytes):
        return Response(body, status_code=status, media_type=media_type, headers=headers)
    return Stream(body, status_code=status, media_type=media_type, headers=headers)
