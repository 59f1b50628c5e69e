import datetime as dt

import numpy as np
import polars as pl
import pytest

from pynomaly_server.contract.structs import BatchDetectionRequest, DetectionRequest
from pynomaly_server.contract.structs import Windows as AskedWindows
from pynomaly_server.detection import fitting
from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.detection.report import expectation_of
from pynomaly_server.detection.series import SeriesDetection, fit_series
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.ordered.windows import Windows
from pynomaly_server.tabular.errors import BadOption, BadTable

START = dt.datetime(2024, 5, 1)  # noqa: DTZ001
ODD = 150


def readings(rows=300, seed=4):
    rng = np.random.default_rng(seed)
    load = 10 + np.sin(np.arange(rows) / 5) + rng.normal(scale=0.05, size=rows)
    load[ODD] += 6
    return pl.DataFrame(
        {
            "at": [START + dt.timedelta(minutes=5 * row) for row in range(rows)],
            "load": load,
            "heat": rng.normal(20, 0.5, rows),
        }
    )


FRAME = readings()
SHUFFLED = FRAME.with_row_index("row").sample(fraction=1.0, shuffle=True, seed=9)
ORDER = SHUFFLED["row"].to_list()
SHUFFLED = SHUFFLED.drop("row")


def codes(found):
    return [warning.code for warning in found.warnings]


@pytest.mark.parametrize("algorithm", ["spectral_residual", "matrix_profile", "local_outlier_factor"])
def test_rows_in_any_order_are_scored_in_time_and_answered_as_they_came(algorithm):
    sorted_scores = fit_series(FRAME, timestamp_column="at", algorithm=algorithm).training.scores
    shuffled = fit_series(SHUFFLED, timestamp_column="at", algorithm=algorithm).training.scores
    assert shuffled.tolist() == sorted_scores[ORDER].tolist()


def test_predictions_are_scores_of_at_least_a_half_and_as_many_as_asked_for():
    training = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual").training
    assert (training.predictions == (training.scores >= 0.5)).all()
    assert training.n_anomalies == 30


def test_the_jump_is_the_most_abnormal_row():
    found = fit_series(SHUFFLED, timestamp_column="at", algorithm="spectral_residual")
    assert ORDER[int(found.training.scores.argmax())] == ODD


def test_the_time_is_no_feature_and_is_reported_as_what_it_is():
    found = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual")
    assert found.feature_names == ["load", "heat"]
    report = found.columns[0]
    assert (report.name, report.type, report.used, report.note) == (
        "at", "datetime", False, "orders the rows in time",
    )  # fmt: skip


def test_what_is_expected_of_a_row_stands_at_its_place_in_the_caller_s_order():
    found = fit_series(SHUFFLED, timestamp_column="at", algorithm="spectral_residual").expectation
    place = ORDER.index(ODD)
    assert found.feature[place] == "load"
    assert 8 < found.expected[place] < 12
    assert found.upper[place] < FRAME["load"][ODD]
    assert all(low <= high for low, high in zip(found.lower, found.upper, strict=True))


def test_a_method_without_expectations_says_none():
    assert fit_series(FRAME, timestamp_column="at", algorithm="matrix_profile").expectation is None


def test_the_odd_row_is_explained_by_its_column_and_the_value_expected_there():
    found = fit_series(SHUFFLED, timestamp_column="at", algorithm="spectral_residual")
    ((first, second),) = found.explain(SHUFFLED, [ORDER.index(ODD)])
    assert (first.feature, first.value) == ("load", FRAME["load"][ODD])
    assert 8 < first.expected < 12
    assert first.contribution + second.contribution == pytest.approx(1)


def test_windows_are_explained_by_column_too():
    found = fit_series(
        FRAME, timestamp_column="at", algorithm="local_outlier_factor", windows=Windows(8), features=["load"]
    )
    ((only,),) = found.explain(FRAME, [ODD])
    assert (only.feature, only.contribution) == ("load", 1.0)


def test_no_rows_to_explain_give_no_explanations():
    assert fit_series(FRAME, timestamp_column="at").explain(FRAME, []) == []


def test_an_algorithm_on_rows_gets_windows_and_says_so():
    found = fit_series(FRAME, timestamp_column="at")
    assert codes(found) == ["default-windows"]
    assert "sliding windows of 16 rows" in found.warnings[0].detail
    assert codes(fit_series(FRAME, timestamp_column="at", windows=Windows(16))) == []


def test_default_windows_are_shorter_where_a_series_is_short():
    found = fit_series(FRAME.head(20), timestamp_column="at")
    assert "sliding windows of 5 rows" in found.warnings[0].detail


def test_without_a_time_the_order_of_the_rows_is_taken_and_told():
    found = fit_series(FRAME.drop("at"), algorithm="spectral_residual")
    assert codes(found) == ["order-assumed"]
    timed = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual")
    assert found.training.scores.tolist() == timed.training.scores.tolist()


def test_several_series_are_told_apart_wherever_their_rows_stand():
    two = pl.concat(
        [FRAME.with_columns(sensor=pl.lit("a")), readings(seed=8).with_columns(sensor=pl.lit("b"))]
    )
    mixed = two.with_row_index("row").sort("at", "sensor", descending=[False, True])
    apart = fit_series(two, timestamp_column="at", series_column="sensor", algorithm="matrix_profile")
    beside = fit_series(
        mixed.drop("row"), timestamp_column="at", series_column="sensor", algorithm="matrix_profile"
    )
    np.testing.assert_allclose(
        beside.training.scores, apart.training.scores[mixed["row"].to_list()], atol=1e-9
    )
    assert apart.feature_names == ["load", "heat"]
    assert codes(apart) == []


def test_series_may_be_numbered_and_given_without_times():
    frame = FRAME.drop("at").with_columns(sensor=pl.int_range(300) % 2)
    found = fit_series(frame, series_column="sensor", algorithm="spectral_residual")
    assert codes(found) == ["order-assumed"]
    assert found.training.scores.shape == (300,)


@pytest.mark.parametrize(
    "times",
    [
        pl.int_range(300, eager=True) * 60,
        pl.int_range(300, eager=True) / 10,
        FRAME["at"].dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
        FRAME["at"].dt.to_string("%Y-%m-%d %H:%M"),
    ],
    ids=["seconds", "fractions", "RFC 3339", "spreadsheet"],
)
def test_times_may_be_numbers_or_text(times):
    expected = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual").training.scores
    found = fit_series(FRAME.with_columns(at=times), timestamp_column="at", algorithm="spectral_residual")
    assert found.training.scores.tolist() == expected.tolist()
    assert codes(found) == []


def test_equal_times_keep_their_order_and_are_told():
    doubled = FRAME.with_columns(at=FRAME["at"].dt.truncate("10m"))
    found = fit_series(doubled, timestamp_column="at", algorithm="spectral_residual")
    expected = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual")
    assert codes(found) == ["duplicate-timestamps"]
    assert found.warnings[0].detail == (
        "150 rows have the time of the row before; all are kept, in the order they came."
    )
    assert found.training.scores.tolist() == expected.training.scores.tolist()


def test_gaps_in_time_are_told():
    gappy = FRAME.filter((pl.int_range(300) < 40) | (pl.int_range(300) > 60))
    found = fit_series(gappy, timestamp_column="at", algorithm="spectral_residual")
    assert [(warning.code, warning.column) for warning in found.warnings] == [("irregular-spacing", "at")]
    assert found.warnings[0].detail == (
        "1 of 278 steps between rows differ from the usual step by more than a tenth. Rows are taken as "
        "evenly spaced; fill gaps beforehand where that matters."
    )


def test_a_time_that_cannot_be_read_is_refused_with_its_row():
    text = FRAME["at"].dt.to_string("%Y-%m-%d %H:%M").to_list()
    text[123] = "soon"
    with pytest.raises(BadTable) as refused:
        fit_series(FRAME.with_columns(at=pl.Series(text)), timestamp_column="at")
    assert refused.value.code == "bad-dataset"
    assert str(refused.value) == (
        "Column 'at' holds 'soon' in row 124 (counting from 1), which is no time. Write times as "
        "2024-05-01T12:00:00Z or as numbers."
    )


@pytest.mark.parametrize(
    ("column", "what"), [("at", "when it was measured"), ("sensor", "which series it belongs to")]
)
def test_a_row_without_time_or_series_is_refused(column, what):
    frame = FRAME.with_columns(sensor=pl.lit("a"))
    frame = frame.with_columns(pl.when(pl.int_range(300) == 7).then(None).otherwise(column).alias(column))
    with pytest.raises(BadTable) as refused:
        fit_series(frame, timestamp_column="at", series_column="sensor")
    assert str(refused.value) == (
        f"Column '{column}' is empty in row 8 (counting from 1): every row must say {what}. Fill it in, or "
        "leave the row out."
    )


@pytest.mark.parametrize(
    ("options", "pointer", "message"),
    [
        ({"timestamp_column": "when"}, "/timestamp_column", "There is no column 'when'. The columns are"),
        ({"timestamp_column": "at", "series_column": "place"}, "/series_column",
         "There is no column 'place'."),
        ({"timestamp_column": "at", "series_column": "at"}, "/series_column",
         "Column 'at' cannot be both the time and the series of a row."),
        ({"timestamp_column": "at", "features": ["load", "at"]}, "/features/1",
         "Column 'at' orders the rows in time and cannot be a feature. Take it out of `features`."),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_their_part_are_refused(options, pointer, message):
    with pytest.raises(BadOption) as refused:
        fit_series(FRAME, **options)
    assert refused.value.pointer == pointer
    assert str(refused.value).startswith(message)


def test_a_table_of_times_alone_leaves_nothing_to_learn_from():
    with pytest.raises(BadTable, match="No column is left"):
        fit_series(FRAME.select("at", sensor=pl.lit(None, pl.Float64)), timestamp_column="at")


def test_an_algorithm_on_ordered_rows_takes_no_windows():
    with pytest.raises(InvalidParameter) as refused:
        fit_series(FRAME, timestamp_column="at", algorithm="matrix_profile", windows=Windows(8))
    assert refused.value.pointer == "/windows"


def test_a_series_with_too_few_rows_is_refused():
    frame = FRAME.with_columns(sensor=pl.when(pl.int_range(300) < 5).then(pl.lit("a")).otherwise(pl.lit("b")))
    with pytest.raises(TooFewRows, match="A series has 5 rows, and at least 12 are needed"):
        fit_series(frame, timestamp_column="at", series_column="sensor", algorithm="spectral_residual")


def test_a_constant_series_scores_every_row_below_a_half():
    frame = pl.DataFrame({"at": range(60), "load": [3.0] * 60})
    for algorithm in ("spectral_residual", "matrix_profile", "isolation_forest"):
        training = fit_series(frame, timestamp_column="at", algorithm=algorithm).training
        assert (training.scores < 0.5).all()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, FittedPipeline),
        ({"timestamp_column": "at"}, SeriesDetection),
        ({"windows": AskedWindows(length=8)}, SeriesDetection),
        ({"algorithm": "spectral_residual"}, SeriesDetection),
    ],
)
def test_a_request_is_about_series_where_an_option_or_the_algorithm_says_so(options, kind):
    found = fitting.fit(FRAME, DetectionRequest(data=[], **options))
    assert isinstance(found, kind)


def test_windows_of_a_request_reach_the_detector():
    options = {"timestamp_column": "at", "algorithm": "ecod"}
    asked = AskedWindows(length=8, stride=2, normalise="window", combine="last")
    found = fitting.fit(FRAME, DetectionRequest(data=[], windows=asked, **options))
    expected = fit_series(FRAME, windows=Windows(8, 2, "window", "last"), **options)
    assert found.training.scores.tolist() == expected.training.scores.tolist()


def test_the_answer_says_what_was_expected():
    found = fit_series(FRAME, timestamp_column="at", algorithm="spectral_residual")
    assert expectation_of(found).expected == found.expectation.expected
    assert expectation_of(fitting.fit(FRAME, DetectionRequest(data=[]))) is None


def test_a_job_about_series_is_about_series_too():
    request = BatchDetectionRequest(data_sources=["dts_1"], algorithm="sr")
    fitting.check(request)
    assert fitting.is_ordered(request)


def test_auto_takes_the_series_ensemble_for_series_and_says_so():
    found = fit_series(FRAME, timestamp_column="at", algorithm="auto")
    named = fit_series(FRAME, timestamp_column="at", algorithm="series_ensemble")
    assert found.training.scores.tolist() == named.training.scores.tolist()
    assert found.algorithm == "auto"
    assert codes(found) == ["auto-chosen"]
    assert found.warnings[0].detail == (
        "auto chose series_ensemble because the rows are time series and no `windows` were asked for: on the "
        "labelled series of the Numenta benchmark it is the most accurate of all."
    )


def test_auto_on_windows_chooses_by_how_many_they_are_and_what_they_hold():
    found = fit_series(FRAME, timestamp_column="at", algorithm="auto", windows=Windows(10))
    named = fit_series(FRAME, timestamp_column="at", algorithm="ensemble", windows=Windows(10))
    assert found.training.scores.tolist() == named.training.scores.tolist()
    assert codes(found) == ["auto-chosen"]
    assert found.warnings[0].detail == (
        "auto chose ensemble because the data has 291 rows of 32 columns: on tables of up to 20,000 rows the "
        "ensemble is the most accurate on average. Its rows are the windows, its columns what a window "
        "holds."
    )


def test_auto_puts_series_too_short_for_ordered_algorithms_on_default_windows():
    found = fit_series(FRAME.head(10), timestamp_column="at", algorithm="auto")
    assert codes(found) == ["default-windows", "auto-chosen"]
