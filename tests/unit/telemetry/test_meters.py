"""Counters and histograms: what is counted anywhere is in the totals once, and Prometheus can read it."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.telemetry import meters
from pynomaly_server.telemetry.exposition import as_text
from pynomaly_server.telemetry.meters import Counter, Histogram, Series, families_of, take_all

BOUNDS = (0.1, 1, 10)


@pytest.fixture(autouse=True)
def _no_others(monkeypatch):
    monkeypatch.setattr(meters, "_meters", {})


def made() -> tuple[Counter, Histogram]:
    meters._meters.clear()
    return Counter("seen_total", "Seen.", ("what",)), Histogram("took_seconds", "Took.", ("what",), BOUNDS)


def values(totals: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {
        (series.name, *series.labels.values()): series.value
        for family in families_of(totals)
        for series in family.series
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", 'c"\n\\']),
            st.floats(0, 100, allow_nan=False),
            st.booleans(),  # whether what was counted so far is added to the totals
        )
    )
)
def test_totals_are_the_same_however_often_they_are_added_to(events):
    counter, histogram = made()
    totals: Count[str] = Count()
    for what, seconds, adds in events:
        counter.add(what)
        histogram.observe(seconds, what)
        if adds:
            totals.update(take_all())
    totals.update(take_all())
    found = values(totals)
    for what in {event[0] for event in events}:
        took = [event[1] for event in events if event[0] == what]
        assert found["seen_total", what] == len(took)
        assert found["took_seconds_count", what] == len(took)
        assert found["took_seconds_sum", what] == pytest.approx(sum(took), abs=1e-6 * len(took))
        for bound in BOUNDS:
            at_most = sum(seconds <= bound for seconds in took)
            assert found["took_seconds_bucket", what, f"{bound:g}"] == at_most
        assert found["took_seconds_bucket", what, "+Inf"] == len(took)


def test_what_was_taken_is_not_taken_again():
    counter, _ = made()
    counter.add("a", amount=3)
    assert list(take_all().values()) == [3]
    assert take_all() == {}


def test_fields_of_another_release_are_left_out():
    made()
    fields = ["gone_total\x1fa", "seen_total\x1fa\x1fb", "took_seconds\x1fa\x1f0.25", "took_seconds\x1fsum"]
    assert values(dict.fromkeys(fields, 5)) == {}


def test_two_figures_of_one_name_are_a_mistake():
    made()
    with pytest.raises(ValueError, match="'seen_total' already; give this one another name"):
        Counter("seen_total", "Seen again.", ())


def test_the_text_escapes_what_would_end_a_label():
    counter, histogram = made()
    counter.add('say "hi"\\\n')
    histogram.observe(0.25, "a")
    lines = as_text(families_of(take_all())).splitlines()
    assert lines == [
        "# HELP seen_total Seen.",
        "# TYPE seen_total counter",
        r'seen_total{what="say \"hi\"\\\n"} 1',
        "# HELP took_seconds Took.",
        "# TYPE took_seconds histogram",
        'took_seconds_bucket{what="a",le="0.1"} 0',
        'took_seconds_bucket{what="a",le="1"} 1',
        'took_seconds_bucket{what="a",le="10"} 1',
        'took_seconds_bucket{what="a",le="+Inf"} 1',
        'took_seconds_sum{what="a"} 0.25',
        'took_seconds_count{what="a"} 1',
    ]


def test_a_figure_without_labels_has_no_braces():
    family = meters.Family("up", "gauge", "Up.", [Series("up", {}, 1.0)])
    assert as_text([family]).splitlines()[-1] == "up 1"
