"""The pace of polling."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pynomaly.resilience import PollPolicy

chances = st.floats(0, 1, exclude_max=True)


@given(remaining=st.one_of(st.floats(0, 1e6), st.just(math.inf)))
def test_the_server_is_asked_to_answer_before_the_deadline(remaining):
    hold = PollPolicy().wait(remaining)
    assert hold == 0 or hold <= min(30.0, remaining - 1)


@given(polls=st.integers(1, 100_000), chance=chances)
def test_a_pause_is_at_least_half_of_its_bound_and_at_most_eight_seconds(polls, chance):
    bound = min(8.0, 0.25 * 2.0 ** min(polls - 1, 32))
    assert bound / 2 <= PollPolicy().pause(polls, 0.0, lambda: chance) <= bound


@given(polls=st.integers(1, 100), chance=chances)
def test_a_poll_that_the_server_held_back_is_followed_by_the_next_at_once(polls, chance):
    assert PollPolicy().pause(polls, 30.0, lambda: chance) == 0
