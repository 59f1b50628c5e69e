# ruff: noqa: N803, N806 - X is the field's name for a matrix of rows
"""What every algorithm on ordered rows must satisfy, and any algorithm on rows once it is put on windows."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from jsonschema import Draft202012Validator

from pynomaly_server.detectors import envelope, registry
from pynomaly_server.detectors.calibration import calibrate
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.ordered.interface import ORDERED
from pynomaly_server.detectors.ordered.windows import WindowedDetector, Windows

ORDERED_SPECS = [spec for spec in registry.all() if ORDERED in spec.capabilities]
WINDOWED = ["isolation_forest", "local_outlier_factor"]


def _of_its_extra(spec):
    return [getattr(pytest.mark, spec.extra)] if spec.extra else []


def _where_it_can_run(spec):
    missing = pytest.mark.skipif(not spec.available, reason=f"the extra {spec.extra} is not installed")
    return pytest.param(spec.detector, id=spec.name, marks=[*_of_its_extra(spec), missing])


def _on_windows(name):
    spec = registry.get(name)
    return pytest.param(lambda: WindowedDetector(spec, spec.detector(), Windows(8)), id=f"{name}-on-windows")


every_spec = pytest.mark.parametrize(
    "spec", [pytest.param(spec, id=spec.name, marks=_of_its_extra(spec)) for spec in ORDERED_SPECS]
)
every_detector = pytest.mark.parametrize(
    "make", [*map(_where_it_can_run, ORDERED_SPECS), *map(_on_windows, WINDOWED)]
)

rng = np.random.default_rng(3)
KEY = b"of thirty-two bytes, as it must be"


def rhythm(n=240, columns=2):
    at = np.arange(n)[:, np.newaxis]
    return np.sin(at / 4 + np.arange(columns)) + rng.normal(scale=0.05, size=(n, columns))


SERIES = rhythm()

DEGENERATE = {
    "constant column": np.column_stack([rng.normal(size=60), np.full(60, 3.0)]),
    "all rows equal": np.full((60, 2), 0.1),
    "all rows zero": np.zeros((60, 1)),
    "two values": np.repeat([[0.0], [1.0]], 30, axis=0),
    "an exact rhythm": np.tile([[0.0], [1.0], [2.0], [1.0]], (15, 1)),
    "one spike": np.eye(60)[:, [30]],
    "huge values": rng.normal(size=(60, 1)) * 1e307,
    "tiny values": rng.normal(size=(60, 1)) * 1e-300,
    "largest doubles": np.tile([[1.7e308], [-1.7e308], [0.0]], (20, 1)),
    "times in seconds": 1.7e9 + rng.normal(size=(60, 1)),
}
degenerate_series = pytest.mark.parametrize("X", DEGENERATE.values(), ids=DEGENERATE.keys())


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@every_spec
def test_a_spec_says_all_that_the_contract_promises(spec):
    assert spec.title
    assert spec.description.endswith(".")
    assert spec.reference[-4:].isdecimal()
    assert "inductive" not in spec.capabilities
    assert spec.cost in ("low", "medium", "high")
    assert spec.complexity.startswith("O(")


@every_spec
def test_parameters_are_a_closed_json_schema_whose_defaults_it_accepts(spec):
    schema = json.loads(json.dumps(spec.parameters))
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    Draft202012Validator(schema).validate(
        {name: rule["default"] for name, rule in schema["properties"].items()}
    )


@every_spec
@pytest.mark.parametrize("value", [True, "7", None, float("nan"), 10**30, -1, []])
def test_no_parameter_takes_a_value_of_another_type_or_range(spec, value):
    if not spec.available:
        pytest.skip(f"the extra {spec.extra} is not installed")
    for name in spec.parameters["properties"]:
        with pytest.raises(InvalidParameter):
            spec.detector({name: value})


@every_spec
def test_fewer_rows_than_it_can_learn_from_are_refused(spec):
    if not spec.available:
        pytest.skip(f"the extra {spec.extra} is not installed")
    with pytest.raises(TooFewRows, match=f"{spec.name} learns from at least {spec.min_rows} rows, not "):
        spec.fit(SERIES[: spec.min_rows - 1])


@every_detector
def test_a_jump_out_of_the_rhythm_is_the_most_abnormal_place(make):
    X = SERIES.copy()
    X[120] += 6.0
    _, scores = make().fit_series([X], 0)
    assert abs(int(scores.raw.argmax()) - 120) <= 16


@every_detector
@degenerate_series
def test_degenerate_series_get_finite_scores_and_predictions_that_agree(make, X):
    fitted, scores = make().fit_series([X], 0)
    assert scores.raw.shape == fitted.training_scores.shape == (len(X),)
    for raw in (scores.raw, fitted.score_raw(X), fitted.score_raw(X[::-1] * 0.5)):
        assert np.isfinite(raw).all()
        for share in (1e-6, 0.1, 0.5, "auto"):
            calibration = calibrate(fitted.training_scores, share)
            marked = calibration.scores(raw)
            assert ((marked >= 0) & (marked <= 1)).all()
            assert (calibration.predictions(raw) == (marked >= 0.5)).all()


@every_detector
def test_a_series_of_equal_rows_has_no_anomaly(make):
    fitted, _ = make().fit_series([np.full((50, 2), 0.1)], 0)
    assert calibrate(fitted.training_scores, 0.1).predictions(fitted.training_scores).sum() == 0


@every_detector
def test_the_same_series_and_seed_give_the_same_scores(make):
    first, second = (make().fit_series([SERIES], 5)[1].raw for _ in range(2))
    assert first.tolist() == second.tolist()


@every_detector
def test_training_scores_are_those_of_the_series_one_after_the_other(make):
    fitted, scores = make().fit_series([SERIES[:100], SERIES[100:]], 0)
    assert fitted.training_scores.tolist() == scores.raw.tolist()
    assert scores.raw.shape == (240,)


@every_detector
def test_what_was_learnt_scores_the_same_after_saving_and_loading(make):
    fitted, _ = make().fit_series([SERIES], 0)
    loaded = envelope.loads(envelope.dumps(fitted, KEY), KEY)
    assert loaded.score_raw(SERIES[:90]).tolist() == fitted.score_raw(SERIES[:90]).tolist()


@every_detector
def test_fitting_leaves_the_rows_as_they_were(make):
    X = SERIES.copy()
    fitted, _ = make().fit_series([X], 0)
    fitted.score_raw(X)
    np.testing.assert_array_equal(X, SERIES)


@every_detector
@given(
    X=hnp.arrays(
        np.float64,
        st.tuples(st.integers(40, 80), st.integers(1, 2)),
        elements=st.floats(-1e9, 1e9) | st.sampled_from([0.0, 1.0]),
    )
)
@settings(max_examples=8)
def test_any_finite_series_is_scored_with_bands_in_order_and_parts_above_zero(make, X):
    _, scores = make().fit_series([X], 0)
    assert np.isfinite(scores.raw).all()
    if scores.bands is not None:
        lower, expected, upper = scores.bands.lower, scores.bands.expected, scores.bands.upper
        known = ~np.isnan(expected)
        assert expected.shape == X.shape
        assert (lower[known] <= expected[known]).all()
        assert (expected[known] <= upper[known]).all()
    if scores.parts is not None:
        parts = scores.parts(np.arange(len(X)))
        assert parts.shape == X.shape
        assert (parts >= 0).all()


@every_detector
def test_the_odd_column_has_the_largest_part_in_the_odd_place(make):
    X = rhythm(columns=3)
    X[100, 1] += 8.0
    _, scores = make().fit_series([X], 0)
    if scores.parts is None:
        pytest.skip("it does not tell columns apart")
    assert scores.parts(np.array([100]))[0].argmax() == 1
