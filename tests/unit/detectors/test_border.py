"""A threshold that is set afterwards, against what a calibration of that contamination does."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pynomaly_server.detectors.border import border_at, lowest_raw
from pynomaly_server.detectors.calibration import FARTHEST, calibrate

any_raw = st.floats(-1e140, 1e140) | st.integers(-3, 3).map(float)
training = hnp.arrays(np.float64, st.integers(1, 60), elements=any_raw)
asked = hnp.arrays(np.float64, st.integers(1, 30), elements=any_raw)
shares = st.floats(1e-6, 0.5) | st.just("auto")
thresholds = st.floats(1e-9, 1, exclude_max=True) | st.sampled_from([0.01, 0.25, 0.5, 0.75, 0.99])


@given(training=training, share=shares, threshold=thresholds, raw=asked)
def test_a_row_is_anomalous_exactly_where_its_own_score_is_at_least_the_threshold(
    training, share, threshold, raw
):
    calibration = calibrate(training, share)
    border = border_at(calibration, threshold)
    expected = calibration.scores(raw) >= threshold
    assert (border.predictions(raw) == expected).all()
    assert ((border.scores(raw) >= 0.5) == expected).all()
    assert ((raw >= border.threshold) == expected).all()


@given(training=training, share=shares, threshold=thresholds, raw=asked)
def test_scores_stay_in_order_and_within_their_bounds(training, share, threshold, raw):
    calibration = calibrate(training, share)
    raw = np.sort(np.concatenate([raw, training]))
    scores = border_at(calibration, threshold).scores(raw)
    assert (np.diff(scores) >= 0).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    confidence = border_at(calibration, threshold).confidence(raw)
    assert ((confidence >= 0) & (confidence <= 1)).all()


@given(training=training, share=shares, raw=asked)
def test_the_threshold_that_a_detector_has_already_changes_nothing(training, share, raw):
    calibration = calibrate(training, share)
    border = border_at(calibration, 0.5)
    np.testing.assert_array_equal(border.scores(raw), calibration.scores(raw))
    np.testing.assert_array_equal(border.confidence(raw), calibration.confidence(raw))
    assert border.contamination == calibration.contamination


@given(training=training, share=shares, threshold=thresholds)
def test_the_least_raw_score_of_a_score_is_the_least(training, share, threshold):
    calibration = calibrate(training, share)
    assume(calibration.scores(np.array([FARTHEST]))[0] >= threshold)
    least = lowest_raw(calibration, threshold)
    assert calibration.scores(np.array([least]))[0] >= threshold
    assert calibration.scores(np.array([np.nextafter(least, -np.inf)]))[0] < threshold


def test_nothing_is_anomalous_under_a_threshold_that_even_the_farthest_row_stays_below():
    calibration = calibrate(np.array([0.0, 1e135]), "auto")
    border = border_at(calibration, float(np.nextafter(1, 0)))
    assert border.threshold == FARTHEST
    assert not border.predictions(np.array([0.0, 1e135, 1e140, FARTHEST])).any()


def test_rows_score_as_if_the_detector_had_been_trained_with_that_contamination():
    training = np.random.default_rng(0).normal(size=1000)
    calibration = calibrate(training, 0.1)
    for contamination in (0.02, 0.05, 0.2, 0.4):
        other = calibrate(training, contamination)
        threshold = calibration.scores(np.array([other.threshold]))[0]
        border = border_at(calibration, threshold)
        inner = np.quantile(training, np.linspace(0.01, 0.99, 50))
        np.testing.assert_allclose(border.scores(inner), other.scores(inner), atol=2e-3)
        assert abs(border.contamination - contamination) < 0.002
