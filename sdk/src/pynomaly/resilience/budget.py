"""The retry budget: retries may add only so much to the load of a server that is failing.

Every call pays in a part of a token, and every retry takes a whole one, so that in the long run retries stay
below that share of the calls; a reserve lets a client that calls rarely retry at all (the idea of Finagle's
`RetryBudget`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """How many retries a client may make.

    Attributes:
        ratio: Tokens that each call pays in, in [0, 1]: retries per call in the long run.
        reserve: Tokens at the start, and the most that are kept.
    """

    ratio: float = 0.2
    reserve: float = 20.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.ratio <= 1.0:
            raise ValueError(f"ratio must be in [0, 1], not {self.ratio}")
        if not self.reserve >= 0.0:
            raise ValueError(f"reserve must be 0 or more, not {self.reserve}")


class RetryBudget:
    """The tokens of one client; whoever shares it between threads locks around it."""

    def __init__(self, policy: BudgetPolicy) -> None:
        self._policy = policy
        # Thousandths, so that paying in a fifth five times is exactly one.
        self._pay = round(policy.ratio * 1000)
        self._most = round(policy.reserve * 1000)
        self._tokens = self._most

    @property
    def tokens(self) -> float:
        """What is left."""
        return self._tokens / 1000

    def pay_in(self) -> None:
        """A call begins."""
        self._tokens = min(self._most, self._tokens + self._pay)

    def take(self) -> bool:
        """Take the token of a retry; whether there was one."""
        if self._tokens < 1000:
            return False
        self._tokens -= 1000
        return True
