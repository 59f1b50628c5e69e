"""The circuit breaker against a model: what it must never do, whatever happens in whichever order."""

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pynomaly.resilience import Breaker, BreakerPolicy, BreakerState


class BreakerMachine(RuleBasedStateMachine):
    """Attempts come and go in any order while time passes."""

    @initialize(
        consecutive=st.integers(1, 4),
        probes=st.integers(1, 3),
        min_calls=st.integers(1, 6),
        rate=st.sampled_from([0.25, 0.5, 1.0]),
    )
    def begin(self, consecutive, probes, min_calls, rate):
        self.policy = BreakerPolicy(
            consecutive=consecutive,
            probes=probes,
            min_calls=min_calls,
            failure_rate=rate,
            window=30.0,
            open_seconds=5.0,
        )
        self.changes = []
        self.breaker = Breaker(self.policy, lambda before, after: self.changes.append((before, after)))
        self.now = 0.0
        self.under_way = []
        self.opened_until = None
        self.probing = 0

    @rule(seconds=st.sampled_from([0.0, 0.5, 4.0, 5.0, 31.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def an_attempt_asks(self):
        state = self.breaker.state(self.now)
        permit = self.breaker.acquire(self.now)
        if state is BreakerState.CLOSED:
            assert permit is not None
        if state is BreakerState.OPEN:
            assert permit is None
            assert self.now < self.opened_until
        if permit is not None:
            self.under_way.append((permit, self.breaker._round))
            if state is BreakerState.HALF_OPEN:
                self.probing = sum(round_ == self.breaker._round for _, round_ in self.under_way)
                assert self.probing <= self.policy.probes

    @precondition(lambda self: self.under_way)
    @rule(
        data=st.data(),
        verdict=st.sampled_from(["success", "failure", "neutral"]),
        asked=st.sampled_from([None, 1.0, 20.0]),
    )
    def an_attempt_ends(self, data, verdict, asked):
        permit, _ = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        current = permit.round == self.breaker._round
        before = self.breaker.state(self.now)
        changes = len(self.changes)
        self.breaker.settle(permit, verdict, self.now, retry_after=asked)
        after = self.breaker.state(self.now)
        if not current or verdict == "neutral":
            assert len(self.changes) == changes
        if current and before is BreakerState.HALF_OPEN and verdict == "success":
            assert after is BreakerState.CLOSED
        if current and before is BreakerState.HALF_OPEN and verdict == "failure":
            assert after is BreakerState.OPEN
        if len(self.changes) > changes and after is BreakerState.OPEN:
            self.opened_until = self.now + max(self.policy.open_seconds, asked or 0.0)

    @rule()
    def somebody_resets_it(self):
        self.breaker.reset()
        assert self.breaker.state(self.now) is BreakerState.CLOSED

    @invariant()
    def what_is_told_is_a_path_through_the_states(self):
        allowed = {
            (BreakerState.CLOSED, BreakerState.OPEN),
            (BreakerState.OPEN, BreakerState.HALF_OPEN),
            (BreakerState.OPEN, BreakerState.CLOSED),
            (BreakerState.HALF_OPEN, BreakerState.OPEN),
            (BreakerState.HALF_OPEN, BreakerState.CLOSED),
        }
        assert set(getattr(self, "changes", [])) <= allowed
        told = getattr(self, "changes", [])
        assert all(one[1] is two[0] for one, two in itertools.pairwise(told))

    @invariant()
    def it_says_how_long_it_stays_closed_to_calls(self):
        if hasattr(self, "breaker"):
            is_open = self.breaker.state(self.now) is BreakerState.OPEN
            assert (self.breaker.closed_for(self.now) > 0) == is_open


BreakerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestBreaker = BreakerMachine.TestCase
