"""What all calls of a client share: breakers, the retry budget, and who is told of what they decide.

Safe to share between threads and tasks: its lock is held for a few operations only, never while waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from pynomaly.resilience.breaker import Breaker, BreakerPolicy, BreakerState, Permit, Verdict
from pynomaly.resilience.budget import BudgetPolicy, RetryBudget
from pynomaly.resilience.hooks import BreakerEvent, Hooks


@dataclass(frozen=True, slots=True)
class ResiliencePolicy:
    """How a client behaves towards a server in trouble.

    Attributes:
        breaker: When the circuit breakers open; None for no breakers.
        budget: How many retries there may be; None for no budget.
        max_concurrent: Attempts that may be under way at once; further ones wait. None for no bound of
            one's own beside that of the connections.
        hedge_after: Seconds after which a read that has not been answered is sent a second time, and the
            first answer counts; None for never.
    """

    breaker: BreakerPolicy | None = field(default_factory=BreakerPolicy)
    budget: BudgetPolicy | None = field(default_factory=BudgetPolicy)
    max_concurrent: int | None = None
    hedge_after: float | None = None

    def __post_init__(self) -> None:
        if self.max_concurrent is not None and self.max_concurrent < 1:
            raise ValueError(f"max_concurrent must be 1 or more, not {self.max_concurrent}")
        if self.hedge_after is not None and not self.hedge_after > 0.0:
            raise ValueError(f"hedge_after must be a positive number of seconds, not {self.hedge_after}")


class Guards:
    """The breakers, one per origin and group of operations, and the budget of a client."""

    def __init__(self, policy: ResiliencePolicy | None = None, hooks: Hooks | None = None) -> None:
        self.policy = policy or ResiliencePolicy()
        self.hooks = hooks or Hooks()
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._changes: list[BreakerEvent] = []
        self._budget = None if self.policy.budget is None else RetryBudget(self.policy.budget)

    def acquire(self, origin: str, group: str, now: float) -> Permit | None:
        """Leave for an attempt, or None where the breaker refuses it."""
        policy = self.policy.breaker
        if policy is None:
            return Permit(0)
        with self._lock:
            permit = self._breaker(origin, group, policy).acquire(now)
        self._tell()
        return permit

    def settle(
        self,
        origin: str,
        group: str,
        permit: Permit,
        verdict: Verdict,
        now: float,
        retry_after: float | None = None,
    ) -> None:
        """Give the permit of an attempt back with what came of it."""
        policy = self.policy.breaker
        if policy is None:
            return
        with self._lock:
            self._breaker(origin, group, policy).settle(permit, verdict, now, retry_after=retry_after)
        self._tell()

    def closed_for(self, origin: str, group: str, now: float) -> float:
        """Seconds until the breaker lets an attempt through."""
        with self._lock:
            breaker = self._breakers.get((origin, group))
            return 0.0 if breaker is None else breaker.closed_for(now)

    def states(self, now: float) -> Mapping[tuple[str, str], BreakerState]:
        """Where each breaker stands, by origin and group of operations."""
        with self._lock:
            return {key: breaker.state(now) for key, breaker in self._breakers.items()}

    def reset(self) -> None:
        """Close every breaker and fill the budget."""
        with self._lock:
            for breaker in self._breakers.values():
                breaker.reset()
            if self.policy.budget is not None:
                self._budget = RetryBudget(self.policy.budget)
        self._tell()

    def pay_in(self) -> None:
        """A call begins."""
        if self._budget is not None:
            with self._lock:
                self._budget.pay_in()

    def take(self) -> bool:
        """Take the budget's token of a retry; whether there was one."""
        if self._budget is None:
            return True
        with self._lock:
            return self._budget.take()

    def _breaker(self, origin: str, group: str, policy: BreakerPolicy) -> Breaker:
        key = (origin, group)
        breaker = self._breakers.get(key)
        if breaker is None:

            def changed(before: BreakerState, after: BreakerState) -> None:
                self._changes.append(BreakerEvent(origin, group, before, after))

            breaker = self._breakers[key] = Breaker(policy, changed)
        return breaker

    def _tell(self) -> None:
        # Outside the lock, because a hook may well look at the breakers.
        while self._changes:
            try:
                event = self._changes.pop(0)
            except IndexError:  # another thread told it
                return
            self.hooks.breaker(event)
