"""The way of a request to its operation and back: what is decided before and after it, once, in one place.

An operation is reached in one of two ways that end here. Nearly every request has a path and a method as the
contract writes them and goes straight (`ShortWay`); what does not, such as a path with a slash at its end, is
for Litestar's router. Litestar also sends what is no JSON document: streams, files and empty answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware

from pynomaly_server.auth.acting import forget_actor
from pynomaly_server.binding.operations import ANSWERED, Answered, Call
from pynomaly_server.binding.routes import Routes
from pynomaly_server.contract.operations import Operation
from pynomaly_server.edge import problem_of, send_problem
from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

    from pynomaly_server.audit.noting import AuditNotes
    from pynomaly_server.auth.admission import Admission
    from pynomaly_server.ratelimit.senders import SenderLimits
    from pynomaly_server.shedding.bulkheads import Bulkheads

_ENCODER: Final = msgspec.json.Encoder()


class Passage(ASGIMiddleware):
    """Lets requests in, has them answered, sends the answers; a middleware for those that Litestar routes."""

    def __init__(
        self, bulkheads: Bulkheads, senders: SenderLimits, notes: AuditNotes, admission: Admission
    ) -> None:
        self._bulkheads = bulkheads
        self._senders = senders
        self._notes = notes
        self._admission = admission

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """As Litestar calls it, behind its router."""
        operation: Operation | None = scope["route_handler"].opt.get("operation")
        if operation is None or scope["type"] != ScopeType.HTTP or ANSWERED in scope["state"]:
            await next_app(scope, receive, send)
            return
        await self.serve(scope, receive, send, next_app)

    async def serve(self, scope: HTTPScope, receive: Receive, send: Send, otherwise: ASGIApp) -> None:
        """Serve a request whose `route_handler` is that of an operation.

        `otherwise` sends an answer that is no JSON document; it is in the scope's state as `ANSWERED`.

        Raises:
            ProblemError: what keeps the request out, or what was done and could not be noted.
        """
        of_route = scope["route_handler"].opt
        operation: Operation = of_route["operation"]
        lane = self._bulkheads.lane_of(operation)
        if lane is None:
            await self._answer(operation, of_route["call"], scope, receive, send, otherwise)
            return
        with lane.place_at_once():
            await self._answer(operation, of_route["call"], scope, receive, send, otherwise)

    async def _answer(
        self,
        operation: Operation,
        call: Call,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        otherwise: ASGIApp,
    ) -> None:
        forget_actor()
        await self._senders.let_in(scope, operation)
        if not operation.public:
            await self._admit(operation, scope)
        try:
            answered = await call(scope, receive)
            body = _ENCODER.encode(answered.body) if isinstance(answered.body, msgspec.Struct) else None
        except Exception as error:  # noqa: BLE001 - as Litestar does: every failure of a handler has an answer
            problem = problem_of(error, scope)
            await self._notes.note(operation, scope, problem.status, None)
            await send_problem(problem, scope["state"]["request_id"], send)
            return
        await self._notes.note(operation, scope, answered.status, answered.headers.get("Location"))
        if body is None:
            scope["state"][ANSWERED] = answered
            await otherwise(scope, receive, send)
            return
        await send(
            {"type": "http.response.start", "status": answered.status, "headers": _headers(answered, body)}
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _admit(self, operation: Operation, scope: HTTPScope) -> None:
        try:
            await self._admission.let_in(scope, operation)
        except ProblemError as problem:
            await self._notes.note(operation, scope, problem.status, None)
            if problem.code == "unauthenticated":
                await self._senders.count_failure(scope)
            raise


class ShortWay:
    """Takes requests that name an operation as the contract does past the router and its layers.

    Args:
        app: The application with all its routes, for everything else.
        handlers: The routes of the operations.
        passage: What serves them.
    """

    def __init__(self, app: ASGIApp, handlers: Sequence[HTTPRouteHandler], passage: Passage) -> None:
        self._app = app
        self._passage = passage
        operations = [(handler, handler.opt["operation"]) for handler in handlers]
        self._routes = Routes(
            (operation.method, operation.path, handler) for handler, operation in operations
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's start and end (ASGI 3)."""
        if scope["type"] == ScopeType.HTTP and not scope.get("root_path"):
            found = self._routes.find(scope["method"], scope["path"])
            if found is not None:
                scope["route_handler"], scope["path_params"] = found
                await self._passage.serve(scope, receive, send, self._app)
                return
        await self._app(scope, receive, send)


def _headers(answered: Answered, body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", answered.media_type.encode("latin-1")),
        (b"content-length", b"%d" % len(body)),
        *(
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in answered.headers.items()
        ),
    ]
