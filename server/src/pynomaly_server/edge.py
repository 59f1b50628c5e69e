"""The outermost layer: request ids, limits of URL and headers, a problem for each failure."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as SqlTimeoutError

from pynomaly_server import ids
from pynomaly_server.auth.admission import CREDENTIAL_HEADERS
from pynomaly_server.binding.body import ClientGoneError
from pynomaly_server.contract.operations import OPERATIONS, Operation
from pynomaly_server.perimeter.cors import Cors
from pynomaly_server.perimeter.framing import refuse_ambiguous
from pynomaly_server.perimeter.lengths import MAX_HEADER_BYTES, MAX_URL_BYTES
from pynomaly_server.perimeter.pace import Pace
from pynomaly_server.perimeter.safe_headers import ENCRYPTED_HEADERS, SAFE_HEADERS
from pynomaly_server.problems import MEDIA_TYPE, ProblemError
from pynomaly_server.ratelimit.limiter import Allowance, Standing
from pynomaly_server.request_log import tell_request
from pynomaly_server.telemetry.figures import REQUEST_SECONDS, REQUESTS
from pynomaly_server.telemetry.tracing import Span, entered

if TYPE_CHECKING:
    from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,128}")
# Where no route answers for a request, no route's limit has counted it.
_STRAY: Final = {404, 405}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FIRST_ERROR: Final = 500
_NO_ENDPOINT: Final = "none"
_OTHER_METHOD: Final = "other"
_UNANSWERED: Final = "none"
_OVER_HTTP: Final = SAFE_HEADERS
_OVER_TLS: Final = (*SAFE_HEADERS, *ENCRYPTED_HEADERS)
_SAFE_NAMES: Final = frozenset(name for name, _ in _OVER_TLS)
_bound_id: Final[ContextVar[str]] = ContextVar(f"{structlog.contextvars.STRUCTLOG_KEY_PREFIX}request_id")
"""The request id in every line of the log: what `bind_contextvars` does, for a tenth of the work."""
_log = structlog.get_logger("pynomaly.http")


class Edge:
    """Wraps the application: each response carries its request id, no failure leaves without a problem."""

    def __init__(
        self,
        app: ASGIApp,
        cors: Cors,
        slow_client_seconds: float,
        count_stray: Callable[[HTTPScope], Awaitable[Standing | None]],
    ) -> None:
        self._app = app
        self._count_stray = count_stray
        self._cors = cors
        self._pace = Pace(slow_client_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] == ScopeType.HTTP:
            await self._serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        request_id = _request_id(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"], state["arrived"] = request_id, datetime.now(UTC)
        status = 0
        across = self._cors.headers(scope["headers"])
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                present = {name.lower() for name, _ in given}
                added: Iterable[tuple[bytes, bytes]] = _OVER_TLS if scope["scheme"] == "https" else _OVER_HTTP
                if not _SAFE_NAMES.isdisjoint(present):
                    added = [pair for pair in added if pair[0] not in present]
                allowance: Allowance | Standing | None = scope["state"].get("allowance")
                if allowance is None and status in _STRAY and scope["method"] != "OPTIONS":
                    allowance = await self._count_stray(scope)
                message["headers"] = [
                    *given,
                    *(() if allowance is None else allowance.headers()),
                    *added,
                    *across,
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        bound = _bound_id.set(request_id)
        with entered(_traceparent(scope["headers"]), _method(scope), "SERVER", {}) as span:
            try:
                _refuse_oversized(scope)
                refuse_ambiguous(scope["headers"], scope["http_version"])
                if scope["method"] == "OPTIONS" and (methods := _methods_at(scope["path"])):
                    # Litestar's own answer knows one handler of a path, and a path has several.
                    await _send_allowed(
                        methods, self._cors.preflight(scope["headers"], methods), send_with_headers
                    )
                else:
                    await self._app(scope, self._pace.of(receive), send_with_headers)
            except Exception as error:
                if status:
                    # Part of the response is out; only closing the connection can say that it is not whole.
                    _log.exception("response broke off", path=scope["path"])
                    raise
                await send_problem(problem_of(error, scope), request_id, send_with_headers)
            finally:
                taken = time.perf_counter() - started
                _tell(span, scope, status, taken)
                tell_request(
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    address=state.get("client_address"),
                    caller=state.get("caller"),
                    elapsed_ms=round(taken * 1000, 2),
                    request_id=request_id,
                )
                _bound_id.reset(bound)


def _tell(span: Span, scope: HTTPScope, status: int, seconds: float) -> None:
    """Count a request, and say in its span what it was."""
    handler: Any = scope.get("route_handler")
    operation: Operation | None = None if handler is None else handler.opt.get("operation")
    endpoint = _NO_ENDPOINT if operation is None else operation.operation_id
    REQUESTS.add(_method(scope), endpoint, str(status) if status else _UNANSWERED)
    REQUEST_SECONDS.observe(seconds, endpoint)
    if not span.is_heard:
        return
    if operation is not None:
        span.rename(f"{operation.method} {operation.path}")
        span.say({"http.route": operation.path, "pynomaly.operation": operation.operation_id})
    span.say(
        {
            "http.request.method": _method(scope),
            "http.response.status_code": status or None,
            "pynomaly.request_id": scope["state"]["request_id"],
        }
    )
    if status >= _FIRST_ERROR:
        span.fail(str(status))


def _method(scope: HTTPScope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else _OTHER_METHOD


def _traceparent(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"traceparent":
            return value.decode("latin-1")
    return None


def problem_of(error: Exception, scope: Mapping[str, Any]) -> ProblemError:
    """The problem that tells the caller of `error`; what nobody foresaw is logged and becomes `internal`."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, ClientGoneError):
        # Bad chunks reach the application as a disconnect too, and then somebody still listens.
        return ProblemError(
            "bad-request",
            "The body broke off: it is shorter than announced, or its chunks are malformed. Send it again.",
        )
    path = scope["path"]
    if isinstance(error, OperationalError | InterfaceError | SqlTimeoutError):
        _log.error("the database does not answer", path=path, error=f"{type(error).__name__}: {error}")
        return ProblemError(
            "unavailable", "The server's database does not answer. Try again after the time in Retry-After."
        )
    if isinstance(error, NotFoundException):
        return ProblemError(
            "not-found", f"There is nothing at {path[:200]!r}. The API is under /api/v1; see /api/v1/docs."
        )
    if isinstance(error, MethodNotAllowedException):
        allowed = ", ".join(_methods_at(path) or ["GET"])
        return ProblemError(
            "method-not-allowed",
            f"{scope['method']} is not allowed at {path[:200]!r}; use {allowed}.",
            headers={"Allow": allowed},
        )
    if isinstance(error, HTTPException) and 400 <= error.status_code < 500:
        return ProblemError(
            "bad-request", "The request cannot be understood; check it against the contract at /api/v1/docs."
        )
    _log.error("unhandled error", path=path, exc_info=error)
    return ProblemError(
        "internal",
        "The server failed on this request. Try again; if it stays, report the request id to the operator.",
    )


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything raised behind the router."""
    problem = problem_of(error, request.scope)
    body = msgspec.json.encode(problem.document(request.scope["state"]["request_id"]))
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=_headers_of(problem))


def _headers_of(problem: ProblemError) -> dict[str, str]:
    headers = dict(problem.headers)
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="pynomaly"')
    if problem.status == 413:
        # The rest of the body is not read, so the connection can carry no further request.
        headers.setdefault("Connection", "close")
    if problem.status in {429, 503}:
        headers.setdefault("Retry-After", "1")
    return headers


async def send_problem(problem: ProblemError, request_id: str, send: Send) -> None:
    """Answer with a problem, as `problem_response` says it."""
    body = msgspec.json.encode(problem.document(request_id))
    headers = [
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in _headers_of(problem).items()
    ]
    headers += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _send_allowed(methods: Iterable[str], further: Iterable[tuple[bytes, bytes]], send: Send) -> None:
    headers = [(b"allow", ", ".join([*methods, "OPTIONS"]).encode()), *further]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's request id where it is well formed, a new one otherwise."""
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return ids.new_id("req")


def _refuse_oversized(scope: HTTPScope) -> None:
    url = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if url > MAX_URL_BYTES:
        raise ProblemError(
            "uri-too-long",
            f"The URL has {url:,} bytes; the limit is {MAX_URL_BYTES:,}. Send options in the body.",
        )
    given = list(scope["headers"])
    # Nearly all requests are within the limit with their credentials.
    if sum(map(len, chain.from_iterable(given))) + 4 * len(given) <= MAX_HEADER_BYTES:
        return
    # A credential of any length is the authentication's to refuse: it is wrong before it is too long.
    headers = sum(len(name) + len(value) + 4 for name, value in given if name not in CREDENTIAL_HEADERS)
    if headers > MAX_HEADER_BYTES:
        raise ProblemError(
            "headers-too-large", f"The headers have {headers:,} bytes; the limit is {MAX_HEADER_BYTES:,}."
        )


def _methods_at(path: str) -> list[str]:
    """Methods that the contract has at a concrete path; none where it has no such path."""
    given = [part for part in path.split("/") if part]
    methods = set()
    for operation in OPERATIONS.values():
        template = [part for part in operation.path.split("/") if part]
        if len(template) == len(given) and all(
            t.startswith("{") or t == g for t, g in zip(template, given, strict=True)
        ):
            methods.add(operation.method)
    return sorted(methods)
