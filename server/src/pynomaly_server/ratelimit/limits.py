"""What a limit is, what a charge against it is, and what came of one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

OFF: Final = "off"
MOST_UNITS: Final = 2**53
_TEXT: Final = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})")
_MICROSECONDS: Final = 1_000_000
_MILLITOKENS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket that holds `tokens` and fills up from empty in `seconds`.

    Levels are counted in units so small that a microsecond adds a whole number of them: `tokens` units, of
    which a millitoken has `1000 * seconds`. All arithmetic is therefore on whole numbers, and a full bucket
    is less than 2**53 units, which Lua's numbers hold exactly.
    """

    name: str
    tokens: int
    seconds: int

    full: int = field(init=False, repr=False, compare=False)
    """Units of a full bucket."""
    policy: bytes = field(init=False, repr=False, compare=False)
    """How `RateLimit-Policy` says it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "full", self.tokens * self.seconds * _MICROSECONDS)
        policy = f'"{self.name}";q={self.tokens};w={self.seconds}'.encode()
        object.__setattr__(self, "policy", policy)

    def units(self, millitokens: int) -> int:
        """Units of a charge; one that no bucket could ever pay takes a full one."""
        return min(millitokens * _MILLITOKENS * self.seconds, self.full)

    def decide(
        self,
        charge: int,
        enough: bool,
        level: int,
        *,
        counted: int = 0,
        over_quota: bool = False,
        mark: str | None = None,
    ) -> Decision:
        """What callers want to know: whether the bucket held the units `charge`, and `level` units are left.

        The rest is what came of the charge's tally.
        """
        return Decision(
            enough and not over_quota,
            level // (self.seconds * _MICROSECONDS),
            0 if enough else max(1, self._wait(charge - level)),
            self._wait(self.full - level),
            counted,
            over_quota,
            mark,
        )

    def _wait(self, units: int) -> int:
        """Whole seconds until so many units have flowed in."""
        return math.ceil(units / (self.tokens * _MICROSECONDS))


CHANGING: Final = "changing"
"""The mark of a tenant while something of it that requests remember is being changed."""


def mark_name(tenant_id: str) -> str:
    """Name of the mark under which processes remember what they looked up for a tenant (`models.changes`)."""
    return f"pynomaly:mark:{tenant_id}"


UNLIMITED: Final = Limit("unlimited", 9_000_000_000, 1)


# What each request makes several of: a frozen dataclass takes ten times as long to make as a struct.
class Decision(msgspec.Struct, frozen=True):
    """What came of a charge.

    Attributes:
        admitted: whether the bucket held enough; if not, nothing was taken.
        remaining: whole tokens left.
        retry_after: seconds after which the same charge succeeds unless others come before; 0 if admitted.
        reset: seconds until the bucket is full again.
        counted: what the tally holds now where one came with the charge.
        over_quota: whether the charge was refused for its tally's quota.
        mark: the tenant's mark where one was asked for; None where there is none to believe in.
    """

    admitted: bool
    remaining: int
    retry_after: int
    reset: int
    counted: int = 0
    over_quota: bool = False
    mark: str | None = None


class Tally(msgspec.Struct, frozen=True):
    """`amount` more of what a tenant uses in a month, where its `quota` allows it.

    Attributes:
        tenant_id: the tenant.
        counted: `requests` or `rows`.
        month: such as `2026-11`.
        amount: how many.
        quota: the most in a month, None for any number.
    """

    tenant_id: str
    counted: Literal["requests", "rows"]
    month: str
    amount: int
    quota: int | None

    @property
    def name(self) -> str:
        """Name of the counter."""
        return f"pynomaly:usage:{self.tenant_id}:{self.month}:{self.counted}"


class Charge(msgspec.Struct, frozen=True):
    """`millitokens` from the bucket that `key` has under `limit`, and a tally; both are taken or none.

    `marked` brings the mark of the tally's tenant along.
    """

    limit: Limit
    key: str
    millitokens: int
    tally: Tally | None = None
    marked: bool = False

    @property
    def name(self) -> str:
        """Name of the bucket; buckets of another size begin anew, since their units differ."""
        limit = self.limit
        return f"pynomaly:limit:{limit.name}:{limit.tokens}/{limit.seconds}:{self.key}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server, by who is limited; None is no limit."""

    principal: Limit | None
    address: Limit | None
    login: Limit | None


def parse_limit(name: str, text: str) -> Limit | None:
    """A limit written as `tokens/seconds`, or None for `off`.

    Raises:
        ValueError: it is neither, or too large to be counted exactly.
    """
    if text == OFF:
        return None
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError("a limit is written as tokens/seconds, such as 600/60, or off")
    limit = Limit(name, int(found[1]), int(found[2]))
    if limit.full >= MOST_UNITS:
        raise ValueError("tokens times seconds must stay below 9,000,000,000")
    return limit
