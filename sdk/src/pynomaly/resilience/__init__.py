"""Pure policies of a call: deadline, retry and polling. No I/O, and no clock or chance of their own:
the driver passes the time and a source of random numbers in."""

from pynomaly.resilience.deadline import Deadline
from pynomaly.resilience.polling import PollPolicy
from pynomaly.resilience.retry import Decision, Failure, GiveUp, Retry, RetryPolicy, is_transient
from pynomaly.resilience.retry_after import parse_retry_after

__all__ = [
    "Deadline",
    "Decision",
    "Failure",
    "GiveUp",
    "PollPolicy",
    "Retry",
    "RetryPolicy",
    "is_transient",
    "parse_retry_after",
]
