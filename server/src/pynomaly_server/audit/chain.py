"""How entries are bound to one another.

The hash of an entry is the HMAC-SHA256, under a key that follows from the server's secret key, of its
canonical form: the JSON array of `VERSION`, the tenant and every field of the entry in the order of
`Chain.hash`, the hash of the entry before included. So an entry cannot be changed, renumbered, taken out or
put in without the key. A log that is cut off shows against a head that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

VERSION: Final = "pynomaly-audit-1"
FIRST_HASH: Final = "0" * 64


class Outcome(StrEnum):
    """How it ended."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is to be noted: nothing that a caller wrote by themselves but well-formed ids."""

    tenant_id: str
    time: datetime
    actor: str
    action: str
    resource: str | None
    outcome: Outcome
    status: int
    address: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a tenant's chain."""

    tenant_id: str
    seq: int
    hash: str


class Chain:
    """Makes and checks hashes under a server's secret key."""

    def __init__(self, secret_key: str) -> None:
        # A key of its own, so that no hash of the log can pass for anything else that the secret key signs.
        self._key = hmac.new(secret_key.encode(), b"pynomaly audit log", hashlib.sha256).digest()

    def hash(self, deed: Deed, seq: int, previous_hash: str) -> str:
        """The hash of an entry, in hex."""
        form = [
            VERSION,
            deed.tenant_id,
            seq,
            previous_hash,
            written(deed.time),
            deed.actor,
            deed.action,
            deed.resource,
            str(deed.outcome),
            deed.status,
            deed.address,
            deed.request_id,
        ]
        return hmac.new(self._key, msgspec.json.encode(form), hashlib.sha256).hexdigest()

    def extend(self, head: Head, deed: Deed) -> Head:
        """The head of the chain with `deed` behind it."""
        seq = head.seq + 1
        return Head(head.tenant_id, seq, self.hash(deed, seq, head.hash))


def written(moment: datetime) -> str:
    """A moment as the canonical form has it: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
