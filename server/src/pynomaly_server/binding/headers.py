"""The headers of a request by name."""

from __future__ import annotations

from collections.abc import Iterable


class FirstHeaders:
    """Headers by name in lower case, as ASGI gives them; of several of one name the first counts.

    Few of them are asked for, so each is decoded when it is.
    """

    __slots__ = ("_raw",)

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = dict(reversed([*headers]))

    def get(self, name: str) -> str | None:
        """The header, None where it was not sent."""
        value = self._raw.get(name.encode("latin-1"))
        return None if value is None else value.decode("latin-1")
