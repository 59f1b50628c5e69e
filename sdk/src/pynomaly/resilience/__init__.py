"""Pure policies of a call: deadline, retry, budget, circuit breaker and polling. No I/O, and no clock or
chance of their own: the driver passes the time and a source of random numbers in."""

from pynomaly.resilience.breaker import Breaker, BreakerPolicy, BreakerState, Permit, Verdict, verdict
from pynomaly.resilience.budget import BudgetPolicy, RetryBudget
from pynomaly.resilience.deadline import Deadline
from pynomaly.resilience.guards import Guards, ResiliencePolicy
from pynomaly.resilience.hooks import BreakerEvent, FallbackEvent, Hooks, RequestEvent, RetryEvent
from pynomaly.resilience.polling import PollPolicy
from pynomaly.resilience.retry import Decision, Failure, GiveUp, Retry, RetryPolicy, is_transient
from pynomaly.resilience.retry_after import parse_retry_after

__all__ = [
    "Breaker",
    "BreakerEvent",
    "BreakerPolicy",
    "BreakerState",
    "BudgetPolicy",
    "Deadline",
    "Decision",
    "Failure",
    "FallbackEvent",
    "GiveUp",
    "Guards",
    "Hooks",
    "Permit",
    "PollPolicy",
    "RequestEvent",
    "ResiliencePolicy",
    "Retry",
    "RetryBudget",
    "RetryEvent",
    "RetryPolicy",
    "Verdict",
    "is_transient",
    "parse_retry_after",
    "verdict",
]
