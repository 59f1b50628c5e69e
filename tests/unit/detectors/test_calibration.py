"""The score map: what holds for every algorithm because it holds for every list of raw scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom

from pynomaly_server.detectors.calibration import calibrate
from pynomaly_server.detectors.errors import InvalidParameter

any_raw = st.floats(-1e140, 1e140) | st.integers(-3, 3).map(float)
training = hnp.arrays(np.float64, st.integers(1, 60), elements=any_raw)
shares = st.floats(1e-6, 0.5) | st.just("auto")


@given(training=training, share=shares, asked=hnp.arrays(np.float64, st.integers(1, 30), elements=any_raw))
@settings(max_examples=100)
def test_scores_never_fall_as_raw_scores_rise(training, share, asked):
    asked = np.sort(np.concatenate([asked, training]))
    assert (np.diff(calibrate(training, share).scores(asked)) >= 0).all()


@given(training=training, share=shares, asked=hnp.arrays(np.float64, st.integers(1, 30), elements=any_raw))
@settings(max_examples=100)
def test_a_row_is_anomalous_exactly_where_its_score_is_at_least_a_half(training, share, asked):
    calibration = calibrate(training, share)
    asked = np.concatenate(
        [asked, training, [calibration.threshold, np.nextafter(calibration.threshold, -np.inf)]]
    )
    scores = calibration.scores(asked)
    assert (calibration.predictions(asked) == (scores >= 0.5)).all()
    assert (np.isfinite(scores) & (scores >= 0) & (scores <= 1)).all()


@given(training=training, share=shares, asked=hnp.arrays(np.float64, st.integers(1, 8), elements=any_raw))
@settings(max_examples=100, deadline=None)
def test_a_few_rows_score_bit_for_bit_what_they_score_among_many(training, share, asked):
    calibration = calibrate(training, share)
    few = np.concatenate([asked[:4], training[:2], [calibration.threshold]])
    many = np.concatenate([few, np.zeros(20)])
    assert calibration.scores(few).tolist() == calibration.scores(many)[: few.size].tolist()
    assert calibration.predictions(few).tolist() == calibration.predictions(many)[: few.size].tolist()
    assert calibration.predictions(few).dtype == calibration.predictions(many).dtype


@given(training=training, share=shares)
@settings(max_examples=80)
def test_the_threshold_scores_exactly_a_half(training, share):
    calibration = calibrate(training, share)
    assert calibration.scores(np.array([calibration.threshold]))[0] == 0.5


@given(training=training, share=shares, asked=any_raw)
@settings(max_examples=80)
def test_confidence_is_a_probability(training, share, asked):
    confidence = calibrate(training, share).confidence(np.array([asked]))[0]
    assert 0 <= confidence <= 1


@given(training=training, share=st.floats(1e-6, 0.5))
@settings(max_examples=80)
def test_no_other_cut_between_distinct_values_comes_nearer_to_the_contamination(training, share):
    calibration = calibrate(training, share)
    n = len(training)
    predicted = int(calibration.predictions(training).sum())
    assert predicted == round(calibration.contamination * n)
    # Values that only rounding parts are ties, so compare with cuts between clearly distinct ones.
    values = np.unique(np.round(np.clip(training, -1e150, 1e150), 6))
    counts = [int((training >= value - 5e-7).sum()) for value in values[1:]] + [0]
    if set(training) <= {float(value) for value in range(-3, 4)}:
        assert abs(predicted - share * n) <= min(abs(count - share * n) for count in counts) + 1e-6


def test_ten_percent_of_a_hundred_distinct_scores_are_ten():
    calibration = calibrate(np.arange(100.0), 0.1)
    assert calibration.threshold == 89.5
    assert calibration.contamination == 0.1


def test_a_score_says_how_rare_a_row_is():
    calibration = calibrate(np.arange(100.0), 0.1)
    tail = (np.arange(100)[::-1] + 0.5) / 100
    expected = np.where(tail < 0.1, 1 - 0.5 * tail / 0.1, 0.5 * (1 - tail) / 0.9)
    np.testing.assert_allclose(calibration.scores(np.arange(100.0)), expected)


def test_equally_rare_rows_score_equally_whatever_the_raw_scale():
    raw = np.random.default_rng(0).normal(size=500)
    forest, factor = calibrate(raw, 0.1), calibrate(np.exp(5 * raw), 0.1)
    np.testing.assert_allclose(forest.scores(raw), factor.scores(np.exp(5 * raw)))


def test_ties_share_one_score_and_go_over_the_threshold_together():
    raw = np.array([0.0] * 7 + [1.0] * 3)
    calibration = calibrate(raw, 0.1)
    assert calibration.contamination == 0.0
    assert calibrate(raw, 0.2).contamination == 0.3
    assert len(set(calibrate(raw, 0.2).scores(raw))) == 2


def test_of_two_equally_near_counts_the_fewer_rows_are_anomalous():
    assert calibrate(np.arange(10.0), 0.15).contamination == 0.1


def test_differences_within_rounding_are_ties():
    raw = np.array([1.0, 1.0 + 2e-16, 1.0 - 1e-16, 1.0])
    assert calibrate(raw, 0.5).predictions(raw).sum() == 0


@pytest.mark.parametrize("share", [1e-6, 0.1, 0.5, "auto"])
def test_constant_scores_have_no_anomaly_but_a_higher_unseen_score_is_one(share):
    raw = np.full(20, 0.7)
    calibration = calibrate(raw, share)
    assert calibration.predictions(raw).sum() == 0
    assert calibration.predictions(np.array([0.8]))[0] == 1


def test_a_contamination_of_half_a_row_or_less_calls_no_training_row_anomalous():
    calibration = calibrate(np.arange(50.0), 1e-6)
    assert calibration.contamination == 0.0
    assert calibration.threshold == 49.5
    assert calibration.scores(np.arange(50.0)).max() < 0.5


def test_beyond_training_more_extreme_is_still_more():
    calibration = calibrate(np.arange(100.0), 0.1)
    above = calibration.scores(np.array([99.0, 100.0, 110.0, 1000.0, 1e6]))
    below = calibration.scores(np.array([-1e6, -1000.0, -1.0, 0.0]))
    assert (np.diff(above) > 0).all()
    assert above[-1] < 1
    assert (np.diff(below) > 0).all()
    assert below[0] > 0


def test_the_scores_of_many_training_rows_stay_near_their_rank_although_knots_are_thinned():
    raw = np.random.default_rng(0).gamma(2.0, size=50_000)
    scores = calibrate(raw, 0.05).scores(np.sort(raw))
    tail = (np.arange(50_000)[::-1] + 0.5) / 50_000
    exact = np.where(tail < 0.05, 1 - 0.5 * tail / 0.05, 0.5 * (1 - tail) / 0.95)
    assert np.abs(scores - exact).max() < 2e-3


def test_auto_is_the_share_above_tukeys_upper_fence():
    raw = np.concatenate([np.arange(100.0), [400.0, 500.0, 600.0]])
    calibration = calibrate(raw, "auto")
    assert calibration.predictions(raw).sum() == 3


def test_auto_on_data_without_outliers_puts_the_threshold_at_the_fence():
    calibration = calibrate(np.arange(101.0), "auto")
    assert calibration.contamination == 0.0
    assert calibration.threshold == 150.0


def test_confidence_is_the_binomial_tail_of_exceed():
    raw = np.random.default_rng(0).normal(size=80)
    calibration = calibrate(raw, 0.1)
    at_or_below = np.searchsorted(np.sort(raw), raw, side="right")
    called = 1 - binom.cdf(80 - 8, 80, (1 + at_or_below) / 82)
    expected = np.where(raw >= calibration.threshold, called, 1 - called)
    np.testing.assert_allclose(calibration.confidence(raw), expected, atol=1e-12)


def test_confidence_is_least_beside_the_threshold():
    raw = np.arange(200.0)
    confidence = calibrate(raw, 0.1).confidence(raw)
    assert 175 <= confidence.argmin() <= 185
    assert confidence[0] > 0.999
    assert confidence[-1] > 0.999


@pytest.mark.parametrize(
    ("given", "spelt"),
    [
        (0, "0"),
        (0.51, "0.51"),
        (-1, "-1"),
        (True, "true"),
        ("0.1", "'0.1'"),
        (None, "null"),
        (float("nan"), "nan"),
    ],
)
def test_a_contamination_out_of_range_is_refused_by_name_value_and_range(given, spelt):
    with pytest.raises(InvalidParameter) as refused:
        calibrate(np.arange(10.0), given)
    assert refused.value.pointer == "/contamination"
    assert str(refused.value) == (
        "contamination must be a number above 0 and at most 0.5, or 'auto' to find it from the scores, "
        f"not {spelt}."
    )
