"""What a fake server was asked, for a test to look at afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, overload


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One request and what became of it.

    Attributes:
        operation: Its `operationId`; None where the contract has no such operation.
        method: HTTP method.
        path: Path below `/api/v1`.
        parameters: Values of path, query and headers by their names in the contract.
        headers: Headers by lower-case name; the credential is left out.
        body: The bytes that were sent.
        at: When it came, in seconds of the server's clock.
        outcome: The status answered, or the fault that was played, such as `reset`.
    """

    operation: str | None
    method: str
    path: str
    parameters: Mapping[str, Any]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: float
    outcome: int | str

    def json(self) -> Any:
        """The body, read as JSON.

        Raises:
            ValueError: It is no JSON.
        """
        return json.loads(self.body)


class Calls(Sequence[RecordedCall]):
    """The calls in the order of their arrival, retries included."""

    def __init__(self) -> None:
        self._calls: list[RecordedCall] = []

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, place: int) -> RecordedCall: ...
    @overload
    def __getitem__(self, place: slice) -> list[RecordedCall]: ...
    def __getitem__(self, place: int | slice) -> RecordedCall | list[RecordedCall]:
        return self._calls[place]

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(list(self._calls))

    def __repr__(self) -> str:
        return f"<{len(self._calls)} calls: {', '.join(self._told()) or 'none'}>"

    def add(self, call: RecordedCall) -> None:
        """Remember a call."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget them all."""
        self._calls.clear()

    def to(self, operation: str) -> list[RecordedCall]:
        """Those to one operation, by its `operationId`."""
        return [call for call in self._calls if call.operation == operation]

    def assert_called(
        self, operation: str, *, times: int | None = None, **parameters: Any
    ) -> list[RecordedCall]:
        """Fail unless an operation was called; returns the calls that were meant.

        Args:
            operation: Its `operationId`.
            times: Exactly so many calls, retries included; at least one where None.
            **parameters: What each call that counts had as parameters, or as fields of its JSON body.

        Raises:
            AssertionError: It was called another number of times; the message lists all calls.
        """
        found = [call for call in self.to(operation) if _has(call, parameters)]
        wanted = len(found) == times if times is not None else bool(found)
        if not wanted:
            often = "at least once" if times is None else f"{times} times"
            how = f" with {parameters}" if parameters else ""
            raise AssertionError(
                f"{operation} was to be called {often}{how}, but was {len(found)} times; "
                f"the calls were: {', '.join(self._told()) or 'none'}"
            )
        return found

    def assert_not_called(self, operation: str) -> None:
        """Fail where an operation was called."""
        self.assert_called(operation, times=0)

    def _told(self) -> list[str]:
        return [f"{call.operation or f'{call.method} {call.path}'} ({call.outcome})" for call in self._calls]


def _has(call: RecordedCall, wanted: Mapping[str, Any]) -> bool:
    if not wanted:
        return True
    sent = dict(call.parameters)
    try:
        document = call.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        sent = {**cast("dict[str, Any]", document), **sent}
    return all(name in sent and sent[name] == value for name, value in wanted.items())
