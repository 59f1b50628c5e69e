"""The fake server: an httpx transport that answers as the contract says."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from pynomaly.testing.calls import Calls, RecordedCall
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import (
    BASE_PATH,
    Asked,
    UnknownBehaviourError,
    check_answer,
    find_operation,
    read_request,
    shape_of,
    success_of,
)
from pynomaly.testing.faults import Broken, Fault, Faults, broken, cut_off, page_of_a_proxy
from pynomaly.testing.problems import Refusal
from pynomaly.testing.replies import Reply, Work
from pynomaly.testing.store import Store

if TYPE_CHECKING:
    from pynomaly.async_client import AsyncPynomalyClient
    from pynomaly.client import PynomalyClient

API_KEY = "pyn_faked000_00000000000000000000000000000000000000000000000000"
"""Names nobody at any real server."""

_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie"})


@dataclass
class _Stub:
    answer: Any
    status: int
    headers: Mapping[str, str]
    left: int | None


class FakeServer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A Pynomaly server in memory, for the tests of programs that use the client.

    It is an httpx transport of both kinds. Requests are held to the contract and refused as a real server
    refuses them. Detection is done by the rules of `pynomaly.local`; datasets, jobs, models and their aliases
    are kept, and jobs run on the server's clock. Whatever else it is asked has to be stubbed with `answer`.
    Safe to share between threads.

    Args:
        clock: Its clock, which the clients that it makes go by; a new one where None.
        latency: Seconds that each answer takes on that clock.
        queue_seconds: How long a job waits for a worker.
        run_seconds: How long a job is worked on.
        max_rows: Most rows of one request, as at a real server; more become a job.

    Attributes:
        base_url: Its address, which no network has.
        api_key: The key that it takes.
        clock: Its clock.
        latency: Seconds that each answer takes.
        calls: Every call so far, retries included.
    """

    base_url = "https://pynomaly.test"
    api_key = API_KEY

    def __init__(
        self,
        *,
        clock: VirtualClock | None = None,
        latency: float = 0.0,
        queue_seconds: float = 0.5,
        run_seconds: float = 2.0,
        max_rows: int = 10_000,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.latency = latency
        self.calls = Calls()
        self._faults = Faults()
        self._stubs: dict[str, list[_Stub]] = {}
        self._store = Store(
            self.clock, max_rows=max_rows, queue_seconds=queue_seconds, run_seconds=run_seconds
        )
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<FakeServer, {len(self.calls)} calls>"

    @property
    def sources(self) -> dict[str, Any]:
        """Tables that jobs may read, by their URLs: `server.sources["https://…"] = rows`, the rows as
        `detect_anomalies` takes them."""
        return self._store.datasets.sources

    def client(self, **options: Any) -> PynomalyClient:
        """Return a client of this server, on its clock; `options` are those of `PynomalyClient`."""
        from pynomaly.client import PynomalyClient

        return PynomalyClient(**self._given(options), transport=self)

    def async_client(self, **options: Any) -> AsyncPynomalyClient:
        """Return an asynchronous client of this server, on its clock; `options` are those of
        `AsyncPynomalyClient`."""
        from pynomaly.async_client import AsyncPynomalyClient

        return AsyncPynomalyClient(**self._given(options), transport=self)

    def _given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"api_key": self.api_key, "base_url": self.base_url, "clock": self.clock, **options}

    def answer(
        self,
        operation: str,
        answer: Any = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> None:
        """Say what an operation answers, in place of what it would by itself.

        Args:
            operation: Its `operationId`.
            answer: The JSON, as a model of the contract or what JSON is made of; a function that takes the
                `Asked` request and returns either; None for an answer without a body.
            status: HTTP status; that of success where None.
            headers: Further headers.
            times: Calls that it is for; every further one where None.

        Raises:
            ContractError: The operation never answers so.
        """
        status = success_of(operation) if status is None else status
        if not callable(answer):
            check_answer(operation, status, answer)
        elif status not in shape_of(operation).answers:
            check_answer(operation, status, None)
        with self._lock:
            self._stubs.setdefault(operation, []).append(_Stub(answer, status, headers or {}, times))

    def fail_next(
        self,
        count: int,
        fault: int | Broken,
        *,
        operation: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        handled: bool = False,
    ) -> None:
        """Let the next calls fail, retries included; faults that are asked for later come later.

        Args:
            count: Number of calls.
            fault: A status; or `connect` (nobody listens), `reset` (the connection ends before the answer),
                `timeout` (no answer for as long as the caller waits) or `truncated` (it ends within).
            operation: The only operation it is for, by its `operationId`.
            code: Code of the problem document; the usual one of the status where None.
            retry_after: Seconds of the header `Retry-After`.
            handled: Whether the server does the work before it goes wrong: what a repeated submission must
                not do twice. A truncated answer always comes after the work.

        Raises:
            ContractError: It cannot go wrong so.
        """
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        done = handled or fault == "truncated"
        with self._lock:
            self._faults.add(Fault(fault, count, operation, code, headers, done))

    def fail_always(self, fault: int | Broken, *, operation: str | None = None) -> None:
        """Let every call fail until `recover`; see `fail_next`."""
        with self._lock:
            self._faults.add(Fault(fault, None, operation))

    def fail_jobs(self, count: int, code: str = "job-crashed", detail: str = "A test has it fail.") -> None:
        """Let the next jobs that are submitted end as failed.

        Args:
            count: How many of them.
            code: Code of the problem that ends them.
            detail: Its sentence.
        """
        with self._lock:
            self._store.jobs.fail(count, Refusal(code, detail))

    def recover(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of httpx's client."""
        request.read()
        return self.respond(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of httpx's asynchronous client."""
        await request.aread()
        return self.respond(request)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer a request whose body is read; also a `side_effect` for respx, or a `MockTransport`.

        Raises:
            httpx.TransportError: A fault was asked for.
            UnknownBehaviourError: The operation has no behaviour of its own and was not stubbed.
        """
        with self._lock:
            request_id = f"req_fake{len(self.calls) + 1:08d}"
            path = request.url.raw_path.decode("ascii").partition("?")[0].removeprefix(BASE_PATH)
            seen = _Seen(request, path, self.clock.monotonic())
            try:
                response = self._respond(request, path, request_id, seen)
            except Refusal as refusal:
                response = _problem(refusal, request_id)
            except httpx.TransportError:
                self.calls.add(seen.recorded(seen.fault or "fault"))
                raise
            self.calls.add(seen.recorded(seen.fault or response.status_code))
            response.headers["X-Request-Id"] = request_id
            return response

    def _respond(self, request: httpx.Request, path: str, request_id: str, seen: _Seen) -> httpx.Response:
        operation, texts = find_operation(request.method, path)
        seen.operation = operation.id
        fault = self._faults.take(operation.id)
        self._wait(request, seen)
        if fault is not None and not fault.handled:
            return self._fail(fault, request, request_id, seen)
        self._check_key(request, operation.id)
        asked = read_request(request, operation, texts)
        seen.parameters = asked.parameters
        response = self._answered(asked)
        return response if fault is None else self._fail(fault, request, request_id, seen, response)

    def _wait(self, request: httpx.Request, seen: _Seen) -> None:
        """Take the time of the answer, or all that the caller has."""
        if self.latency <= 0.0:
            return
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and self.latency >= patience:
            self.clock.advance(patience)
            seen.fault = "timeout"
            raise broken("timeout", request)
        self.clock.advance(self.latency)

    def _fail(
        self,
        fault: Fault,
        request: httpx.Request,
        request_id: str,
        seen: _Seen,
        response: httpx.Response | None = None,
    ) -> httpx.Response:
        if isinstance(fault.kind, int):
            if fault.kind in (502, 504):
                return page_of_a_proxy(fault.kind)
            refusal = fault.refusal(fault.kind)
            check_answer(seen.operation or "", fault.kind, refusal.document(request_id))
            return _problem(refusal, request_id)
        seen.fault = fault.kind
        if fault.kind == "timeout":
            patience = request.extensions.get("timeout", {}).get("read")
            if patience is None:
                raise UnknownBehaviourError(
                    "The caller waits for ever, so a timeout never comes; give the call a timeout=."
                )
            self.clock.advance(patience)
        if fault.kind == "truncated" and response is not None:
            headers = {**response.headers, "Content-Length": str(len(response.content))}
            return httpx.Response(response.status_code, headers=headers, stream=_CutOff(response.content))
        raise broken(fault.kind, request)

    def _check_key(self, request: httpx.Request, operation: str) -> None:
        if shape_of(operation).public:
            return
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.api_key not in (sent, request.headers.get("x-api-key")):
            raise Refusal(
                "unauthenticated",
                "The credential is not one of the fake server; its key is server.api_key.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _answered(self, asked: Asked) -> httpx.Response:
        operation = asked.operation.id
        stub = self._stub(operation)
        if stub is not None:
            document = stub.answer(asked) if callable(stub.answer) else stub.answer
            return _response(operation, stub.status, Reply(document, stub.headers))
        work: Work | None = self._store.operations.get(operation)
        if work is None:
            raise UnknownBehaviourError(
                f"The fake server has no behaviour of its own for {operation}; say what it answers with "
                f"server.answer({operation!r}, …)."
            )
        return _response(operation, success_of(operation), work(asked))

    def _stub(self, operation: str) -> _Stub | None:
        stubs = self._stubs.get(operation, [])
        # The latest without an end holds once those with one are used up.
        stub = next((each for each in stubs if each.left is not None), stubs[-1] if stubs else None)
        if stub is not None and stub.left is not None:
            stub.left -= 1
            if stub.left == 0:
                stubs.remove(stub)
        return stub


class _Seen:
    """What is known of a call while it is worked on."""

    def __init__(self, request: httpx.Request, path: str, at: float) -> None:
        self.operation: str | None = None
        self.parameters: Mapping[str, Any] = {}
        self.fault: str | None = None
        self._request = request
        self._path = path
        self._at = at

    def recorded(self, outcome: int | str) -> RecordedCall:
        headers = {
            name: value for name, value in self._request.headers.items() if name not in _SECRET_HEADERS
        }
        return RecordedCall(
            self.operation,
            self._request.method,
            self._path,
            self.parameters,
            headers,
            self._request.content,
            self._at,
            outcome,
        )


class _CutOff(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends in the middle."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return cut_off(self._body)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in cut_off(self._body):
            yield chunk


def _problem(refusal: Refusal, request_id: str) -> httpx.Response:
    document = json.dumps(refusal.document(request_id)).encode()
    headers = {"Content-Type": "application/problem+json", **refusal.headers}
    return httpx.Response(refusal.status, headers=headers, content=document)


def _response(operation: str, status: int, reply: Reply) -> httpx.Response:
    if reply.content is not None:
        headers = {"Content-Type": reply.media_type, **reply.headers}
        return httpx.Response(status, headers=headers, content=reply.content)
    body = check_answer(operation, status, reply.document)
    if body is None:
        return httpx.Response(status, headers=reply.headers)
    media_type = shape_of(operation).answers[status].media[0]
    return httpx.Response(status, headers={"Content-Type": media_type, **reply.headers}, content=body)
