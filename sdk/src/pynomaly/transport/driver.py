# Made from async_driver.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Carries one call over HTTP: attempts, waits and reading, under one deadline.

All decisions are made by the policies through `Call`; this file only does what they say.
"""

from __future__ import annotations

import random as _random
from collections.abc import (
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import (
    AbstractContextManager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from tenacity import Retrying

from pynomaly.errors import APIError
from pynomaly.profile import Connection
from pynomaly.resilience import Deadline, Guards, RetryPolicy
from pynomaly.transport.answer import Answer, decode, plain_headers, request_id
from pynomaly.transport.bearer import Bearer
from pynomaly.transport.bodies import chunks
from pynomaly.transport.call import Call
from pynomaly.transport.colours import (
    Clock,
    Slots,
    SystemClock,
    hedged,
    within,
)
from pynomaly.transport.content import Content
from pynomaly.transport.download import Body
from pynomaly.transport.fault import RefusedError, TooLargeError
from pynomaly.transport.operation import Operation, default_timeout
from pynomaly.transport.options import CallOptions
from pynomaly.transport.request import AUTHORIZATION, build_request
from pynomaly.transport.sse import EventParser, ServerEvent
from pynomaly.transport.wire import Guest, Wire, open_wire

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

T = TypeVar("T")

_JSON = "application/json"
# A result of a million rows is some 100 MB of JSON; more comes as a stream.
_ANSWER_BYTES = 512 * 1024 * 1024
_REFUSAL_BYTES = 1024 * 1024
_USUAL = RetryPolicy()


class Driver:
    """Carries the calls of one client.

    Args:
        connection: The server and the key for it.
        options: Defaults of every call.
        further: Further addresses of the same installation, each up to and including `/api/v1`, asked in
            turn where the one before does not answer.
        guards: Breakers and retry budget.
        http_client: The caller's own httpx client, which the caller closes.
        transport: What carries requests in place of the network.
        wire: Connections of another driver, which closes them.
        bearer: Has the access token, where a user is logged in.
        clock: Time; the machine's by default.
        random: Draws a number in [0, 1) for the jitter.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        options: CallOptions | None = None,
        further: Sequence[str] = (),
        guards: Guards | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        wire: Wire | None = None,
        slots: Slots | None = None,
        bearer: Bearer | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._connection = connection
        self._further = tuple(further)
        self.guards = guards or Guards()
        self._slots = slots or Slots(self.guards.policy.max_concurrent)
        self._options = options or CallOptions()
        self._bearer = bearer
        self._clock: Clock = clock or SystemClock()
        self._random = random
        self._owns_wire = wire is None and http_client is None
        given = wire if http_client is None else Guest(http_client)
        self._wire = given or open_wire(connection.root, transport)

    @property
    def root(self) -> str:
        """Address of the server up to and including `/api/v1`."""
        return self._connection.root

    @property
    def clock(self) -> Clock:
        """The clock that bounds the calls."""
        return self._clock

    @property
    def random(self) -> Callable[[], float]:
        """The source of chance of the waits."""
        return self._random

    def with_options(self, options: CallOptions) -> Self:
        """Return a driver with other defaults on the same connections; closing it closes nothing."""
        return type(self)(
            self._connection,
            options=options.over(self._options),
            further=self._further,
            guards=self.guards,
            wire=self._wire,
            slots=self._slots,
            bearer=self._bearer,
            clock=self._clock,
            random=self._random,
        )

    def anonymous(self) -> Self:
        """Return a driver on the same connections that sends no credential; closing it closes nothing."""
        return type(self)(
            self._connection.anonymous(),
            further=self._further,
            wire=self._wire,
            clock=self._clock,
            random=self._random,
        )

    def log_in(self, bearer: Bearer) -> None:
        """Send the tokens of a user from now on."""
        self._bearer = bearer

    def close(self) -> None:
        """Close the connections, unless they belong to the caller or to another driver."""
        if self._owns_wire:
            self._wire.close()

    def call(
        self,
        op: Operation,
        response_type: type[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: BaseModel | Content | None = None,
        options: CallOptions | None = None,
    ) -> T:
        """Call an operation and read its JSON answer.

        Args:
            op: The operation.
            response_type: What the answer is read as; `type(None)` for an answer without a body.
            path: Values of the path's parameters.
            query: Query parameters; None is left out, lists repeat the name, objects are JSON.
            headers: Header parameters; None is left out.
            body: A model, sent as JSON, or bytes in a media type of their own.
            options: What this call does differently.

        Raises:
            APIStatusError: The server refused; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
            APIResponseError: The answer is not what the contract promises.
        """
        call = self._begin(op, _JSON, path, query, headers, body, options)
        answer = self._answer(call)
        if response_type is type(None):
            return response_type()
        return decode(answer, response_type)

    def read(
        self,
        op: Operation,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: BaseModel | Content | None = None,
        options: CallOptions | None = None,
        accept: str = "*/*",
    ) -> bytes:
        """Call an operation and return the bytes of its answer, whatever they are."""
        answer = self._answer(self._begin(op, accept, path, query, headers, body, options))
        return answer.body

    def stream(
        self,
        op: Operation,
        *,
        accept: str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: BaseModel | Content | None = None,
        options: CallOptions | None = None,
    ) -> AbstractContextManager[Body]:
        """Call an operation and give its answer as it arrives.

        The deadline holds until the answer begins; after that the same time bounds each wait for more bytes,
        because nobody can say how long a large download may take.
        """
        return self._stream(self._begin(op, accept, path, query, headers, body, options))

    def events(
        self,
        op: Operation,
        event_type: type[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: BaseModel | Content | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[ServerEvent[T]]:
        """Call an operation and give its server-sent events until the server ends the stream."""
        parser = EventParser()
        call = self._begin(op, "text/event-stream", path, query, headers, body, options)
        with self._stream(call) as stream:
            for chunk in stream.iter_bytes():
                for event in parser.feed(chunk):
                    answer = Answer(
                        200, {**stream.headers, "content-type": _JSON}, event.data.encode(), call.attempts
                    )
                    yield ServerEvent(event.id, event.event, decode(answer, event_type))

    def _begin(
        self,
        op: Operation,
        accept: str,
        path: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        body: BaseModel | Content | None,
        options: CallOptions | None,
    ) -> Call:
        chosen = self._options if options is None else options.over(self._options)
        request = build_request(
            op, self._connection, chosen, accept=accept, path=path, query=query, headers=headers, body=body
        )
        seconds = default_timeout(op) if chosen.timeout is None else chosen.timeout
        return Call(
            request,
            op=op,
            further=self._further,
            policy=_USUAL if chosen.max_retries is None else RetryPolicy(max_retries=chosen.max_retries),
            deadline=Deadline(self._clock.monotonic(), seconds),
            guards=self.guards,
            random=self._random,
        )

    def _answer(self, call: Call) -> Answer:
        return self._tried(call, self._attempt)

    @contextmanager
    def _stream(self, call: Call) -> Generator[Body, None, None]:
        response = self._tried(call, self._opened)
        try:
            yield Body(response, self._wire.body(response), call, self._clock)
        finally:
            response.close()

    def _tried(self, call: Call, attempt: Callable[[Call], T]) -> T:
        """What an attempt brings, the attempts at this and at the further addresses taken together."""
        trace = call.start_trace()
        if trace is None:
            return self._repeated(call, attempt)
        with trace:
            return self._repeated(call, attempt)

    def _repeated(self, call: Call, attempt: Callable[[Call], T]) -> T:
        while True:
            try:
                try:
                    return attempt(call)
                except APIError:
                    if not call.wants_retry():
                        raise
                # Most calls never come here.
                self._clock.sleep(call.next_wait())
                for again in self._retries(call):
                    with again:
                        return attempt(call)
            except APIError as error:
                if not call.moves_on(error, self._clock.monotonic()):
                    raise

    def _retries(self, call: Call) -> Retrying:
        return Retrying(
            sleep=cast("Any", self._clock.sleep), retry=call.wants_retry, wait=call.next_wait, reraise=True
        )

    def _attempt(self, call: Call) -> Answer:
        now = self._clock.monotonic()
        call.begin(now)
        try:
            with within(call.deadline.remaining(now)), self._slots:
                if call.hedge_after is None:
                    answer = self._exchange(call, now)
                else:
                    answer = hedged(lambda: self._exchange(call, now), call.hedge_after)
            if not 200 <= answer.status < 300:
                raise RefusedError(answer)  # noqa: TRY301
        except Exception as exc:  # noqa: BLE001  raised again, explained
            call.fail(exc, self._clock.monotonic(), self._clock.time())
        else:
            call.succeeded(self._clock.monotonic(), answer.status, answer.request_id)
        finally:
            call.release(self._clock.monotonic())
        return Answer(answer.status, answer.headers, answer.body, call.attempts)

    def _exchange(self, call: Call, now: float) -> Answer:
        response = self._send(call, now)
        try:
            return self._whole(response, call, _ANSWER_BYTES)
        finally:
            response.close()

    def _opened(self, call: Call) -> httpx.Response:
        now = self._clock.monotonic()
        call.begin(now)
        try:
            with within(call.deadline.remaining(now)), self._slots:
                response = self._send(call, now)
                if not 200 <= response.status_code < 300:
                    try:
                        raise RefusedError(self._whole(response, call, _REFUSAL_BYTES))
                    finally:
                        response.close()
        except Exception as exc:  # noqa: BLE001  raised again, explained
            call.fail(exc, self._clock.monotonic(), self._clock.time())
        else:
            call.succeeded(
                self._clock.monotonic(), response.status_code, request_id(plain_headers(response.headers))
            )
        finally:
            call.release(self._clock.monotonic())
        return response

    def _send(self, call: Call, now: float) -> httpx.Response:
        if self._bearer is None:
            return self._sent(call, now, None)
        token = self._bearer.token()
        response = self._sent(call, now, token)
        if response.status_code == 401 and call.replayable:
            # The session may have ended, or its keys been changed, before the token's time.
            response.close()
            token = self._bearer.renewed(token)
            response = self._sent(call, self._clock.monotonic(), token)
        return response

    def _sent(self, call: Call, now: float, token: str | None) -> httpx.Response:
        request = call.request
        headers = request.headers if token is None else {AUTHORIZATION: f"Bearer {token}", **request.headers}
        if call.trace is not None:
            headers = call.trace.headers(headers)
        content = None if request.content is None else chunks(request.content)
        return self._wire.send(request.method, request.url, headers, content, call.timeouts(now))

    def _whole(self, response: httpx.Response, call: Call, limit: int) -> Answer:
        if not 200 <= response.status_code < 300:
            limit = _REFUSAL_BYTES
        parts: list[bytes] = []
        size = 0
        for chunk in self._wire.body(response):
            size += len(chunk)
            if size > limit:
                raise TooLargeError(limit)
            if call.deadline.passed(self._clock.monotonic()):
                raise TimeoutError
            parts.append(chunk)
        return Answer(response.status_code, plain_headers(response.headers), b"".join(parts))
