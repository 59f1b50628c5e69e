"""What operations of the fake server answer, the ids they give out, and answers given once per idempotency
key."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynomaly.testing.contract import Asked
from pynomaly.testing.problems import Refusal

CALLER = "key_fake"
"""Id of the only key, which does everything that is done."""
_PAGE = 100


class Reply:
    """What an operation answers beside its status.

    Attributes:
        document: The JSON, as a model or what JSON is made of; None for none.
        headers: Further headers.
        content: Bytes in a media type of their own, in place of JSON.
        media_type: That media type.
    """

    def __init__(
        self,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        content: bytes | None = None,
        media_type: str = "application/json",
    ) -> None:
        self.document = document
        self.headers = dict(headers or {})
        self.content = content
        self.media_type = media_type


Work = Callable[[Asked], Reply]
"""What does an operation."""


class Ids:
    """Gives out ids in the contract's form, the same ones in each run."""

    def __init__(self) -> None:
        self._given = 0

    def __call__(self, prefix: str) -> str:
        """The next id."""
        self._given += 1
        digest = hashlib.sha256(f"{prefix}{self._given}".encode()).hexdigest()
        return f"{prefix}_{self._given:012x}{digest[:20]}"


class Keys:
    """The answers under idempotency keys.

    Args:
        present: Brings an answer that is given again up to date.
    """

    def __init__(self, present: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._present = present
        self._seen: dict[tuple[str, str], tuple[str, Reply]] = {}

    def once(self, work: Work) -> Work:
        """An operation that does its work once for each key, and then gives its first answer again."""

        def answer(asked: Asked) -> Reply:
            key = asked.parameters.get("Idempotency-Key")
            if key is None:
                return work(asked)
            named = f"{asked.media_type}\n{asked.parameters.get('name')}\n".encode()
            print_of = hashlib.sha256(named + asked.content).hexdigest()
            seen = self._seen.get((asked.operation.id, key))
            if seen is None:
                reply = work(asked)
                self._seen[asked.operation.id, key] = (print_of, reply)
                return reply
            if seen[0] != print_of:
                raise Refusal(
                    "idempotency-mismatch",
                    f"The Idempotency-Key {key!r} was used for another request within the last 24 hours. "
                    "Repeat that request as it was, or take a new key.",
                )
            headers = {**seen[1].headers, "Idempotency-Replayed": "true"}
            return Reply(self._present(seen[1].document), headers)

        return answer


def page(items: Sequence[Any], asked: Asked) -> dict[str, Any]:
    """The page of a list that is asked for; raises `Refusal` `validation` for the cursor."""
    start = _start(asked.parameters.get("cursor"))
    end = start + asked.parameters.get("limit", _PAGE)
    cursor = base64.urlsafe_b64encode(f"from {end}".encode()).decode() if end < len(items) else None
    return {"items": list(items[start:end]), "next_cursor": cursor}


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        if word == "from":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    detail = "is not one that this server gave"
    raise Refusal(
        "validation", f"The request does not fit the contract: ?cursor {detail}.", [("?cursor", detail)]
    )
