"""Reads server-sent events (WHATWG HTML, section 9.2) from the lines of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServerEvent(Generic[T]):
    """One event.

    Attributes:
        id: Resumes the stream after it when sent as `Last-Event-ID`.
        event: Its kind.
        data: What it carries.
    """

    id: str | None
    event: str
    data: T


class EventParser:
    """Takes bytes as they come and gives whole events."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._event = ""
        self._id: str | None = None

    def feed(self, chunk: bytes) -> list[ServerEvent[str]]:
        """Add bytes; returns the events they complete."""
        # A lone CR ends a line too, but one at the very end may be the first half of CRLF, so it waits for
        # its successor.
        text = self._rest + chunk
        held = b"\r" if text.endswith(b"\r") else b""
        lines = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        events: list[ServerEvent[str]] = []
        for line in lines:
            event = self._line(line.decode("utf-8", "replace"))
            if event is not None:
                events.append(event)
        return events

    def _line(self, line: str) -> ServerEvent[str] | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> ServerEvent[str] | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        if not data:
            return None
        return ServerEvent(self._id, event or "message", "\n".join(data))
