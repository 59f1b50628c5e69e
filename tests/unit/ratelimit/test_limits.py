"""Limits as they are written, and buckets of one process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.ratelimit.limits import MOST_UNITS, Charge, Limit, parse_limit
from pynomaly_server.ratelimit.local import MOST_BUCKETS, LocalBuckets


class Clock:
    """Microseconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_a_limit_is_written_as_tokens_and_seconds():
    assert parse_limit("principal", "600/60") == Limit("principal", 600, 60)


def test_off_is_no_limit():
    assert parse_limit("principal", "off") is None


@pytest.mark.parametrize("text", ["", "600", "600/0", "0/60", "-1/60", "6e2/60", " 600/60", "999999999/99"])
def test_what_cannot_be_counted_exactly_is_refused(text):
    with pytest.raises(ValueError, match="tokens"):
        parse_limit("principal", text)


def test_a_bucket_admits_what_it_holds_and_no_more():
    clock, limit = Clock(), Limit("principal", 50, 60)
    buckets = LocalBuckets(clock)
    decisions = [buckets.take(Charge(limit, "a", 1000)) for _ in range(60)]
    assert [decision.admitted for decision in decisions] == [True] * 50 + [False] * 10
    assert [decision.remaining for decision in decisions[:50]] == list(range(49, -1, -1))


def test_each_key_has_a_bucket_of_its_own():
    buckets, limit = LocalBuckets(Clock()), Limit("principal", 1, 60)
    assert [buckets.take(Charge(limit, key, 1000)).admitted for key in "aab"] == [True, False, True]


def test_a_charge_above_the_bucket_takes_a_full_one():
    buckets, limit = LocalBuckets(Clock()), Limit("principal", 10, 60)
    assert [buckets.take(Charge(limit, "a", 99_000)).admitted for _ in range(2)] == [True, False]


def test_the_buckets_in_memory_are_bounded():
    buckets, limit = LocalBuckets(Clock()), Limit("principal", 1, 60)
    for number in range(MOST_BUCKETS + 1):
        buckets.take(Charge(limit, str(number), 1000))
    assert buckets.take(Charge(limit, str(MOST_BUCKETS), 1000)).admitted is False
    assert buckets.take(Charge(limit, "0", 1000)).admitted is True


limits = st.builds(Limit, st.just("l"), st.integers(1, 5_000), st.integers(1, 5_000)).filter(
    lambda limit: limit.full < MOST_UNITS
)
steps = st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(0, 20_000)), max_size=40)


@given(limit=limits, steps=steps)
def test_never_more_is_admitted_than_the_bucket_and_what_flowed_in(limit, steps):
    clock = Clock()
    buckets = LocalBuckets(clock)
    admitted = 0
    for elapsed, millitokens in steps:
        clock.now += elapsed
        if buckets.take(Charge(limit, "a", millitokens)).admitted:
            admitted += limit.units(millitokens)
        assert admitted <= limit.full + clock.now * limit.tokens


@given(limit=limits, steps=steps)
def test_after_retry_after_the_same_charge_succeeds(limit, steps):
    clock = Clock()
    buckets = LocalBuckets(clock)
    for elapsed, millitokens in steps:
        clock.now += elapsed
        decision = buckets.take(Charge(limit, "a", millitokens))
        if not decision.admitted:
            clock.now += decision.retry_after * 1_000_000
            assert buckets.take(Charge(limit, "a", millitokens)).admitted


@given(limit=limits, steps=steps)
def test_after_reset_the_bucket_is_full(limit, steps):
    clock = Clock()
    buckets = LocalBuckets(clock)
    decision = buckets.take(Charge(limit, "a", 0))
    for elapsed, millitokens in steps:
        clock.now += elapsed
        decision = buckets.take(Charge(limit, "a", millitokens))
    clock.now += decision.reset * 1_000_000
    assert buckets.take(Charge(limit, "a", 0)).remaining == limit.tokens
