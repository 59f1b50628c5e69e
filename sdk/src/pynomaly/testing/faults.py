"""Faults to order: what goes wrong in which of the next calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from pynomaly.testing.contract import ContractError, check_answer, shape_of
from pynomaly.testing.problems import KINDS, USUAL, Refusal

if TYPE_CHECKING:
    import httpx

Broken = Literal["connect", "reset", "timeout", "truncated"]
"""`connect`: nobody listens. `reset`: the connection ends before the answer. `timeout`: no answer comes for
as long as the caller waits. `truncated`: the connection ends within the answer."""

BROKEN: Final = cast("tuple[str, ...]", get_args(Broken))
_OF_PROXIES: Final = (502, 504)


@dataclass
class Fault:
    """What goes wrong in a number of calls.

    Attributes:
        kind: A status, or how the connection breaks.
        left: Calls that it is still for; None for every one.
        operation: The only operation it is for; any where None.
        code: Code of the problem document.
        headers: Further headers of the answer.
        handled: Whether the server has done the work before it goes wrong.
    """

    kind: int | Broken
    left: int | None
    operation: str | None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    handled: bool = False

    def check(self) -> None:
        """Raise `ContractError` where this cannot go wrong."""
        if self.operation is not None:
            shape_of(self.operation)
        if self.left is not None and self.left < 1:
            raise ContractError(f"a fault is for 1 call or more, not for {self.left}")
        if isinstance(self.kind, str):
            if self.kind not in BROKEN:
                raise ContractError(
                    f"{self.kind!r} is no fault; give a status or one of {', '.join(BROKEN)}."
                )
            return
        if self.kind in _OF_PROXIES:
            return
        if self.kind not in USUAL:
            raise ContractError(f"No problem has the status {self.kind}; give one of {sorted(USUAL)}.")
        if self.code is not None and KINDS.get(self.code, (0, ""))[0] != self.kind:
            fitting = [code for code, (status, _) in KINDS.items() if status == self.kind]
            raise ContractError(f"{self.code!r} has not the status {self.kind}; give one of {fitting}.")
        if self.operation is not None:
            check_answer(self.operation, self.kind, self.refusal(self.kind).document("req_check"))

    def refusal(self, status: int) -> Refusal:
        """The problem document that is answered."""
        return Refusal(
            self.code or USUAL[status],
            f"A test has the server answer {status} here.",
            headers=self.headers,
        )


class Faults:
    """The faults that are still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order one more; raises `ContractError` where it cannot go wrong so."""
        fault.check()
        self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault of a call, which is one less to come."""
        for fault in self._faults:
            if fault.operation not in (None, operation):
                continue
            if fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self._faults.remove(fault)
            return fault
        return None


def page_of_a_proxy(status: int) -> httpx.Response:
    """What a proxy answers that cannot reach the server: no problem document."""
    import httpx

    return httpx.Response(status, html=f"<html><body><h1>{status} from a proxy</h1></body></html>")


def broken(kind: str, request: httpx.Request) -> Exception:
    """The error that httpx raises where a connection breaks before the answer."""
    import httpx

    errors: dict[str, Exception] = {
        "connect": httpx.ConnectError("[Errno 111] Connection refused", request=request),
        "reset": httpx.ReadError("[Errno 104] Connection reset by peer", request=request),
        "timeout": httpx.ReadTimeout("The read operation timed out", request=request),
    }
    return errors[kind]


def cut_off(body: bytes) -> Iterator[bytes]:
    """The first half of a body, and then the end of the connection."""
    import httpx

    yield body[: len(body) // 2]
    raise httpx.RemoteProtocolError(
        "peer closed connection without sending complete message body "
        f"(received {len(body) // 2} bytes, expected {len(body)})"
    )
