"""Answers an operation where the middlewares end, past what Litestar does for handlers of any kind.

Litestar makes a request object, a model of the handler's arguments, an exit stack and a response object for
each call. Handlers that are bound to the contract use none of them (`binding.operations`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from litestar.middleware import ASGIMiddleware

from pynomaly_server.binding.operations import ANSWERED, Answered, Call
from pynomaly_server.edge import problem_of, send_problem

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

_ENCODER: Final = msgspec.json.Encoder()


class DirectMiddleware(ASGIMiddleware):
    """Stands behind all others. What is no JSON document, such as a stream, goes on to Litestar."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Call the operation's handler and send what it returns, or the problem that it raises."""
        call: Call | None = scope["route_handler"].opt.get("call")
        if call is None:
            await next_app(scope, receive, send)
            return
        try:
            answered = await call(scope, receive)
            body = _ENCODER.encode(answered.body) if isinstance(answered.body, msgspec.Struct) else None
        except Exception as error:  # noqa: BLE001 - as Litestar does: every failure of a handler has an answer
            await send_problem(problem_of(error, scope), scope["state"]["request_id"], send)
            return
        if body is None:
            scope["state"][ANSWERED] = answered
            await next_app(scope, receive, send)
            return
        await send(
            {"type": "http.response.start", "status": answered.status, "headers": _headers(answered, body)}
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _headers(answered: Answered, body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", answered.media_type.encode("latin-1")),
        (b"content-length", b"%d" % len(body)),
        *(
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in answered.headers.items()
        ),
    ]
