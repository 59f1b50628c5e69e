# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.ordered import windows
from pynomaly_server.detectors.ordered.windows import WindowedDetector, Windows

ISOLATION_FOREST = registry.get("isolation_forest")


def on_windows(settings):
    return WindowedDetector(ISOLATION_FOREST, ISOLATION_FOREST.detector(), settings)


@pytest.mark.parametrize(
    ("n", "length", "stride", "starts"),
    [(5, 3, 1, [0, 1, 2]), (8, 3, 3, [0, 3, 5]), (6, 3, 3, [0, 3]), (3, 3, 2, [0])],
)
def test_windows_start_every_stride_and_once_more_at_the_end(n, length, stride, starts):
    assert Windows(length, stride).starts(n).tolist() == starts


def test_a_window_is_its_values_and_six_figures_about_them_column_by_column():
    X = np.column_stack([[1.0, 2, 3, 4], [10.0, 30, 20, 40]])
    cut = Windows(3, normalise="none").cut(X)
    deviation = np.std([1.0, 2, 3])
    first = [1, 2, 3, 2, deviation, 1, 3, 2, 1]
    second = [10, 30, 20, 20, 10 * deviation, 10, 30, 10, 15]
    np.testing.assert_allclose(cut[0], first + second)
    assert cut.shape == (2, 18)


def test_figures_of_huge_values_stay_finite():
    X = np.tile([[1.7e308], [-1.7e308]], (10, 1))
    assert np.isfinite(Windows(4, normalise="none").cut(X)).all()


def test_normalised_by_window_only_the_shape_counts():
    rising = np.array([[1.0], [2], [3], [4]])
    low, high = Windows(4, normalise="window").cut(rising), Windows(4, normalise="window").cut(rising * 7 + 5)
    np.testing.assert_allclose(low, high, atol=1e-12)
    assert low[0, :4].mean() == pytest.approx(0)


def test_normalised_by_series_two_scales_are_the_same():
    X = np.sin(np.arange(50.0))[:, np.newaxis]
    np.testing.assert_allclose(Windows(5).cut(X), Windows(5).cut(X * 1000 - 3))


def test_a_point_scores_the_mean_of_the_windows_that_hold_it():
    spread = Windows(2).spread(np.array([1.0, 3.0, 8.0]), 4)
    assert spread.tolist() == [1.0, 2.0, 5.5, 8.0]


def test_the_last_ended_window_knows_nothing_of_later_rows():
    settings = Windows(2, combine="last")
    assert settings.spread(np.array([1.0, 3.0, 8.0]), 4).tolist() == [1.0, 1.0, 3.0, 8.0]


def test_between_strides_the_window_that_ended_before_speaks():
    settings = Windows(2, stride=2, combine="last")
    assert settings.spread(np.array([1.0, 5.0]), 4).tolist() == [1.0, 1.0, 1.0, 5.0]


def test_no_window_spans_two_series():
    low, high = np.zeros((40, 1)), np.full((40, 1), 50.0)
    _, scores = on_windows(Windows(8, normalise="none")).fit_series([low, high], 0)
    np.testing.assert_allclose(scores.raw[:40], scores.raw[0])


@pytest.mark.parametrize(
    ("settings", "pointer", "message"),
    [
        ({"length": 1}, "/windows/length", "A window has at least 2 rows, not 1. Give a greater length."),
        ({"length": 4, "stride": 5}, "/windows/stride",
         ("The stride must lie between 1 and the window's length, 4, so that every row lies in a window; "
          "it is 5.")),
        ({"normalise": "all"}, "/windows/normalise",
         "`normalise` must be one of none, series, window, not 'all'."),
        ({"combine": "max"}, "/windows/combine", "`combine` must be one of mean, last, not 'max'."),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused_with_the_range(settings, pointer, message):
    with pytest.raises(InvalidParameter) as refused:
        Windows(**settings)
    assert (refused.value.pointer, str(refused.value)) == (pointer, message)


def test_a_series_shorter_than_a_window_is_refused_with_the_remedy():
    with pytest.raises(TooFewRows) as refused:
        on_windows(Windows(20)).fit_series([np.zeros((50, 1)), np.zeros((7, 1))], 0)
    assert str(refused.value) == (
        "A series has 7 rows, and at least 20 are needed. Take shorter windows (`windows.length`), or send "
        "more rows."
    )
    assert refused.value.code == "too-few-rows"


def test_more_numbers_than_fit_in_memory_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(windows, "MAX_CELLS", 1000)
    with pytest.raises(InvalidParameter) as refused:
        on_windows(Windows(20)).fit_series([np.zeros((100, 2))], 0)
    assert refused.value.pointer == "/windows"
    assert str(refused.value) == (
        "81 windows of 52 numbers are more than the 1,000 numbers that fit a request. Take shorter windows, "
        "a greater stride or fewer `features`."
    )


def test_an_unseen_series_is_scored_by_what_was_learnt():
    X = np.sin(np.arange(300.0) / 3)[:, np.newaxis]
    fitted, _ = on_windows(Windows(8, normalise="none")).fit_series([X], 0)
    odd = X[:60].copy()
    odd[30] = 5.0
    assert abs(int(fitted.score_raw(odd).argmax()) - 30) <= 8
