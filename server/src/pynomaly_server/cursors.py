"""Cursors of lists: opaque to callers, signed by us, and good for the one list they came from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from pynomaly_server.problems import Fault, ProblemError, invalid

_MAC_BYTES: Final = 16


class Identified(Protocol):
    """What stands in a list: its id is its position."""

    @property
    def id(self) -> str:
        """Its id."""


Row = TypeVar("Row", bound=Identified)


class Cursors:
    """Signs positions with a key of the server.

    A cursor belongs to a *list*: the tuple of words (tenant, operation, filters, …) that it is made for and
    that must be the same when it comes back. What was signed under one of the `former` secret keys is good.
    """

    def __init__(self, secret_key: str, former: Sequence[str] = ()) -> None:
        # A key of its own, so that a cursor can never pass for anything else that the secret key signs.
        self._key, *self._former = (
            hmac.new(secret.encode(), b"pynomaly cursor", hashlib.sha256).digest()
            for secret in (secret_key, *former)
        )

    def position(self, cursor: str | None, *of_list: str) -> str | None:
        """The position behind which a page begins, None for the first; raises as `read` does."""
        return None if cursor is None else self.read(cursor, *of_list)

    def page(self, rows: Sequence[Row], limit: int, *of_list: str) -> tuple[Sequence[Row], str | None]:
        """The first `limit` of `rows`, and the cursor of the next page where there are more than that.

        So that it can be told, `rows` are to be one more than asked for where there are as many.
        """
        page = rows[:limit]
        return page, self.sign(page[-1].id, *of_list) if len(rows) > limit else None

    def sign(self, position: str, *of_list: str) -> str:
        """The cursor of a position in a list."""
        payload = position.encode()
        return _text(_mac(self._key, payload, of_list) + payload)

    def read(self, cursor: str, *of_list: str) -> str:
        """The position that a cursor stands for.

        Raises:
            ProblemError: `validation`, where it was changed or comes from another list.
        """
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise _unusable() from None
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if _text(data) != cursor:
            # Base64 has several spellings of the same bytes; only ours is a cursor.
            raise _unusable()
        for key in (self._key, *self._former):
            if hmac.compare_digest(mac, _mac(key, payload, of_list)):
                return payload.decode()
        raise _unusable()


def _mac(key: bytes, payload: bytes, of_list: tuple[str, ...]) -> bytes:
    message = b"\0".join([*(word.encode() for word in of_list), payload])
    return hmac.digest(key, message, "sha256")[:_MAC_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unusable() -> ProblemError:
    return invalid(
        [Fault("?cursor", "is no cursor of this list; take next_cursor of the page before, or leave it out")]
    )
