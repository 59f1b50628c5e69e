"""The retry policy decides from what it is told alone: no clock, no chance of its own."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly.resilience import Deadline, Failure, GiveUp, Retry, RetryPolicy, parse_retry_after

RETRIED = [408, 425, 429, 500, 502, 503, 504, 507, 599]
NOT_RETRIED = [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 501, 301, 304]

failures = st.one_of(
    st.builds(Failure, kind=st.sampled_from(["connection", "timeout", "response"])),
    st.builds(
        Failure,
        kind=st.just("status"),
        status=st.integers(300, 599),
        code=st.sampled_from([None, "conflict", "request-in-progress", "rate-limited"]),
        retry_after=st.one_of(st.none(), st.floats(0, 1e6)),
        replayable=st.booleans(),
    ),
)
chances = st.floats(0, 1, exclude_max=True)


def decide(failure, *, retry="safe", attempt=1, remaining=math.inf, random=lambda: 0.5, policy=None):
    policy = policy or RetryPolicy()
    return policy.decide(retry=retry, failure=failure, attempt=attempt, remaining=remaining, random=random)


@pytest.mark.parametrize("status", RETRIED)
def test_a_transient_status_is_tried_again(status):
    assert isinstance(decide(Failure("status", status=status)), Retry)


@pytest.mark.parametrize("status", NOT_RETRIED)
def test_any_other_status_is_final(status):
    assert decide(Failure("status", status=status)) == GiveUp()


def test_a_conflict_is_tried_again_only_while_the_first_request_is_in_progress():
    assert isinstance(decide(Failure("status", status=409, code="request-in-progress")), Retry)


@pytest.mark.parametrize("kind", ["connection", "timeout"])
def test_a_lost_connection_is_tried_again(kind):
    assert isinstance(decide(Failure(kind)), Retry)


def test_an_answer_that_cannot_be_read_is_final():
    assert decide(Failure("response", status=200)) == GiveUp()


@given(failure=failures)
def test_an_operation_that_must_never_be_repeated_is_not(failure):
    assert decide(failure, retry="never") == GiveUp()


@given(failure=failures)
def test_an_unknown_retry_class_is_treated_as_never(failure):
    assert decide(failure, retry="whenever") == GiveUp()


def test_a_body_that_can_be_read_only_once_is_not_sent_again():
    assert decide(Failure("connection", replayable=False)) == GiveUp()


@given(attempt=st.integers(1, 10_000), chance=chances)
def test_a_wait_without_retry_after_is_at_most_eight_seconds_and_half_a_second_at_first(attempt, chance):
    wait = RetryPolicy().backoff(attempt, lambda: chance)
    assert 0 <= wait <= min(8.0, 0.5 * 2.0 ** min(attempt - 1, 10))


@given(seconds=st.floats(0, 1e6), chance=chances)
def test_retry_after_is_obeyed_to_the_second(seconds, chance):
    failure = Failure("status", status=429, retry_after=seconds)
    assert decide(failure, random=lambda: chance) == Retry(seconds)


@given(failure=failures, remaining=st.floats(0, 100), attempt=st.integers(1, 10), chance=chances)
def test_no_wait_reaches_the_deadline(failure, remaining, attempt, chance):
    decision = decide(failure, remaining=remaining, attempt=attempt, random=lambda: chance)
    assert isinstance(decision, GiveUp) or decision.wait < remaining


def test_a_quota_that_is_used_up_is_not_tried_again():
    failure = Failure("status", status=429, code="quota-exceeded", retry_after=1)
    assert decide(failure) == GiveUp()


def test_giving_up_for_lack_of_time_says_so():
    failure = Failure("status", status=503, retry_after=60)
    assert decide(failure, remaining=10) == GiveUp("deadline")


@given(retries=st.integers(0, 50), attempt=st.integers(1, 100))
def test_there_are_exactly_max_retries_further_attempts(retries, attempt):
    decision = decide(Failure("connection"), attempt=attempt, policy=RetryPolicy(max_retries=retries))
    assert isinstance(decision, Retry) == (attempt <= retries)


@given(retries=st.integers(0, 40), seconds=st.floats(0.1, 200), chance=chances, cost=st.floats(0, 5))
def test_attempts_and_waits_together_end_before_the_deadline(retries, seconds, chance, cost):
    policy, deadline = RetryPolicy(max_retries=retries), Deadline(0.0, seconds)
    now, attempt = 0.0, 1
    while True:
        now = min(now + cost, seconds)  # an attempt is bounded by what is left
        decision = decide(
            Failure("connection"),
            attempt=attempt,
            remaining=deadline.remaining(now),
            policy=policy,
            random=lambda: chance,
        )
        if isinstance(decision, GiveUp):
            break
        now += decision.wait
        attempt += 1
        assert now < seconds
    assert attempt <= retries + 1


def test_max_retries_cannot_be_negative():
    with pytest.raises(ValueError, match="max_retries must be 0 or more, not -1"):
        RetryPolicy(max_retries=-1)


@given(started=st.floats(-1e9, 1e9), seconds=st.floats(0.001, 1e9), later=st.floats(0, 1e9))
def test_what_is_left_of_a_deadline_is_never_negative_and_never_more_than_it_had(started, seconds, later):
    left = Deadline(started, seconds).remaining(started + later)
    assert 0 <= left <= seconds + abs(started) * 1e-9 + 1e-6


@pytest.mark.parametrize("seconds", [0, -1, math.nan])
def test_a_timeout_must_be_positive(seconds):
    with pytest.raises(ValueError, match=r"timeout must be a positive number of seconds, not .*math\.inf"):
        Deadline(0.0, seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("Wed, 01 Jan 2025 00:00:30 GMT", 30.0),
        ("Tue, 31 Dec 2024 23:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Wed, 99 Jan 2025 00:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert parse_retry_after(value, now=1735689600.0) == seconds


@given(st.text())
def test_no_retry_after_breaks_the_reader(value):
    wait = parse_retry_after(value, now=0.0)
    assert wait is None or wait >= 0
