# ruff: noqa: N806
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.ordered import matrix_profile
from pynomaly_server.detectors.ordered.join import cross_correlation, self_correlation
from pynomaly_server.detectors.ordered.matrix_profile import SPEC
from pynomaly_server.detectors.ordered.period import dominant_period

rng = np.random.default_rng(5)
VALUES = np.sin(np.arange(300) / 5) / 2 + rng.normal(scale=0.05, size=300)
LENGTH = 20


def normalised_windows(values):
    views = sliding_window_view(values, LENGTH)
    centred = views - views.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))


def all_pairs(left, right):
    return normalised_windows(left) @ normalised_windows(right).T


def test_the_self_join_is_the_best_of_all_pairs_that_do_not_overlap_by_more_than_half():
    pairs = all_pairs(VALUES, VALUES)
    gap = np.abs(np.subtract.outer(np.arange(len(pairs)), np.arange(len(pairs))))
    pairs[gap < LENGTH // 2] = -2
    found = self_correlation(VALUES, LENGTH, earlier_only=False)
    np.testing.assert_allclose(found, pairs.max(axis=1), atol=1e-12)


def test_the_left_profile_compares_with_earlier_windows_only():
    pairs = all_pairs(VALUES, VALUES)
    later = np.subtract.outer(np.arange(len(pairs)), np.arange(len(pairs))) < LENGTH // 2
    pairs[later] = -2
    found = self_correlation(VALUES, LENGTH, earlier_only=True)
    assert np.isnan(found[: LENGTH // 2]).all()
    np.testing.assert_allclose(found[LENGTH // 2 :], pairs.max(axis=1)[LENGTH // 2 :], atol=1e-12)


def test_the_cross_join_is_the_best_of_all_pairs():
    other = VALUES[50:130] ** 2
    np.testing.assert_allclose(
        cross_correlation(other, VALUES, LENGTH), all_pairs(other, VALUES).max(axis=1), atol=1e-12
    )


def test_flat_windows_are_alike():
    assert self_correlation(np.zeros(60), LENGTH, earlier_only=False).tolist() == [1.0] * 41


def test_a_beat_out_of_rhythm_is_the_discord():
    X = np.tile(np.hanning(25), 20)[:, np.newaxis]
    X[250:275] = X[250:275, ::-1] * np.linspace(1, -1, 25)[:, np.newaxis]
    _, scores = SPEC.detector().fit_series([X + rng.normal(scale=0.01, size=X.shape)], 0)
    assert 240 <= int(scores.raw.argmax()) <= 285


def test_a_column_of_noise_does_not_drown_the_others():
    X = np.column_stack([VALUES, rng.normal(size=300)])
    X[150:160, 0] = 0.0
    _, scores = SPEC.detector({"window": LENGTH}).fit_series([X], 0)
    assert 135 <= int(scores.raw.argmax()) <= 175


def test_what_training_knows_is_usual_in_an_unseen_series():
    fitted, scores = SPEC.detector({"window": LENGTH}).fit_series([VALUES[:, np.newaxis]], 0)
    unseen = VALUES[100:200, np.newaxis].copy()
    assert fitted.score_raw(unseen).max() <= np.median(scores.raw)
    unseen[50:60] = 1.0
    assert 40 <= int(fitted.score_raw(unseen).argmax()) <= 70


def test_the_window_is_the_period_of_the_series():
    fitted, _ = SPEC.detector().fit_series([VALUES[:, np.newaxis]], 0)
    assert fitted.window in (31, 32)


def test_the_found_window_is_at_most_a_quarter_of_the_shortest_series():
    fitted, _ = SPEC.detector().fit_series([VALUES[:, np.newaxis], VALUES[:40, np.newaxis]], 0)
    assert fitted.window == 10


@pytest.mark.parametrize(("period", "found"), [(24, 24), (60, 60)])
def test_the_period_is_the_highest_echo(period, found):
    wave = np.sin(2 * np.pi * np.arange(600) / period)[:, np.newaxis]
    assert dominant_period(wave, 512) % found == 0


def test_noise_has_no_period():
    assert dominant_period(rng.normal(size=(500, 1)), 512) == 32


def test_a_window_longer_than_the_series_is_refused():
    with pytest.raises(TooFewRows) as refused:
        SPEC.fit(VALUES[:30, np.newaxis], {"window": 50})
    assert str(refused.value) == (
        "A series has 30 rows, and at least 50 are needed. Give a smaller `window`, or send more rows."
    )


def test_a_window_of_two_rows_has_no_shape():
    with pytest.raises(InvalidParameter) as refused:
        SPEC.detector({"window": 2})
    assert str(refused.value) == "Parameter 'window' must be 0, which finds it, or from 4 on, not 2."


def test_a_series_too_long_for_all_pairs_is_refused_with_the_other_ways(monkeypatch):
    monkeypatch.setattr(matrix_profile, "MAX_ROWS", 200)
    with pytest.raises(InvalidParameter) as refused:
        SPEC.fit(VALUES[:, np.newaxis])
    assert str(refused.value) == (
        "matrix_profile compares every stretch of a series with every other and takes series of at most 200 "
        "rows, not 300. Take spectral_residual or `windows`, or fewer rows."
    )
