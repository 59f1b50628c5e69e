import datetime as dt
import pickle

import numpy as np
import polars as pl
import pytest

from pynomaly_server.detection import pipeline as pipeline_module
from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows, UnknownAlgorithm
from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.number_rows import NumberRows

every_algorithm = pytest.mark.parametrize(
    "algorithm", [spec.name for spec in registry.of_rows() if spec.available]
)


def transactions(rows=400):
    rng = np.random.default_rng(2)
    start = dt.datetime(2024, 1, 1)  # noqa: DTZ001
    frame = pl.DataFrame(
        {
            "transaction_id": [f"T{row:05}" for row in range(rows)],
            "amount": rng.lognormal(3, 0.5, rows),
            "channel": rng.choice(["web", "shop", "phone"], rows),
            "at": [start + dt.timedelta(minutes=int(minute)) for minute in rng.integers(0, 500_000, rows)],
            "returning": rng.random(rows) < 0.8,
        }
    )
    frame = frame.with_columns(pl.when(pl.col("amount") < 10).then(None).otherwise("amount").alias("amount"))
    return frame.with_columns(
        pl.when(pl.int_range(rows) == 3).then(99_999.0).otherwise("amount").alias("amount"),
        pl.when(pl.int_range(rows) == 5).then(pl.lit("carrier pigeon")).otherwise("channel").alias("channel"),
    )


FRAME = transactions()


@every_algorithm
def test_predictions_are_scores_of_at_least_a_half(algorithm):
    training = fit_pipeline(FRAME, algorithm=algorithm).training
    assert (training.predictions == (training.scores >= 0.5)).all()
    # Of 400 rows a tenth, as near as rows of equal score allow.
    reachable = (training.raw > np.unique(training.raw)[:, np.newaxis]).sum(axis=1)
    assert abs(training.n_anomalies - 40) == np.abs(reachable - 40).min()
    assert training.scores.shape == training.raw.shape == (400,)


@every_algorithm
def test_a_row_scores_the_same_alone_in_chunks_and_in_the_whole(algorithm):
    pipeline = fit_pipeline(FRAME, algorithm=algorithm)
    whole = pipeline.score(FRAME).scores
    chunks = np.concatenate(
        [pipeline.score(FRAME.slice(start, 60), start).scores for start in range(0, 400, 60)]
    )
    alone = [pipeline.score(FRAME.slice(row, 1)).scores[0] for row in range(0, 400, 40)]
    assert whole.tolist() == chunks.tolist()
    assert whole[::40].tolist() == alone


@pytest.mark.parametrize("algorithm", ["isolation_forest", "ecod"])
def test_scoring_the_training_rows_again_changes_nothing(algorithm):
    pipeline = fit_pipeline(FRAME, algorithm=algorithm)
    assert pipeline.score(FRAME).scores.tolist() == pipeline.training.scores.tolist()


@every_algorithm
def test_the_same_input_gives_the_same_answer(algorithm):
    first, second = (fit_pipeline(FRAME, algorithm=algorithm, seed=5) for _ in range(2))
    assert first.training.scores.tolist() == second.training.scores.tolist()
    assert first.explain(FRAME, [3]) == second.explain(FRAME, [3])


@pytest.mark.parametrize("algorithm", ["isolation_forest", "iqr", "auto"])
def test_numbers_alone_give_what_their_frame_gives(algorithm, monkeypatch):
    matrix = np.random.default_rng(4).normal(size=(60, 3)).round(1)
    rows = NumberRows(["a", "b", "c"], matrix)
    short = [fit_pipeline(rows, algorithm=algorithm), fit_pipeline(rows.frame(), algorithm=algorithm)]
    monkeypatch.setattr(pipeline_module, "numbers_of", lambda _: None)
    general = fit_pipeline(rows.frame(), algorithm=algorithm)
    for each in short:
        assert each.training.raw.tobytes() == general.training.raw.tobytes()
        assert each.training.scores.tobytes() == general.training.scores.tobytes()
        assert (each.columns, each.warnings) == (general.columns, general.warnings)
        assert each.explain(rows.frame(), [0, 7]) == general.explain(rows.frame(), [0, 7])
        assert each.score(rows.frame()).raw.tobytes() == general.score(rows.frame()).raw.tobytes()


@every_algorithm
def test_an_explanation_names_the_odd_value_and_the_usual_one(algorithm):
    pipeline = fit_pipeline(FRAME, algorithm=algorithm)
    by_amount, by_channel = pipeline.explain(FRAME, [3, 5])
    assert (by_amount[0].feature, by_amount[0].value) == ("amount", 99_999.0)
    assert 15 < by_amount[0].expected < 30
    assert (by_channel[0].feature, by_channel[0].value) == ("channel", "carrier pigeon")
    assert by_channel[0].expected in ("web", "shop", "phone")


@every_algorithm
def test_contributions_are_shares_in_falling_order(algorithm):
    pipeline = fit_pipeline(FRAME, algorithm=algorithm)
    for row in pipeline.explain(FRAME, range(20)):
        shares = [each.contribution for each in row]
        assert sorted(shares, reverse=True) == shares
        assert min(shares) >= 0
        assert sum(shares) == pytest.approx(1)
        assert {each.feature for each in row} == set(pipeline.feature_names)


def test_unseen_rows_are_explained_too():
    unseen = FRAME.head(1).with_columns(at=pl.lit(dt.datetime(1999, 12, 31, 23)))  # noqa: DTZ001
    ((first, *_),) = fit_pipeline(FRAME).explain(unseen, [0])
    assert (first.feature, first.value) == ("at", "1999-12-31T23:00:00Z")


def test_no_rows_to_explain_give_no_explanations():
    assert fit_pipeline(FRAME).explain(FRAME, []) == []


def test_columns_identifiers_and_warnings_are_reported():
    pipeline = fit_pipeline(FRAME)
    assert pipeline.feature_names == ["amount", "channel", "at", "returning"]
    assert [column.type for column in pipeline.columns] == [
        "identifier", "numeric", "categorical", "datetime", "boolean",
    ]  # fmt: skip
    assert pipeline.identifiers(FRAME)["transaction_id"][:2] == ["T00000", "T00001"]
    assert [warning.code for warning in pipeline.warnings] == ["missing-values"]


def test_threshold_and_contamination_are_those_used():
    pipeline = fit_pipeline(FRAME, algorithm="LOF", contamination=0.05)
    assert pipeline.algorithm == "local_outlier_factor"
    assert pipeline.contamination == 0.05
    assert ((pipeline.training.raw >= pipeline.threshold) == (pipeline.training.predictions == 1)).all()


def test_confidence_is_high_for_rows_far_from_the_threshold():
    pipeline = fit_pipeline(FRAME)
    confidence = pipeline.confidence(pipeline.training.raw)
    assert confidence[pipeline.training.raw.argmin()] > 0.99
    assert confidence.min() > 0.3


def test_features_and_column_types_reach_the_encoder():
    pipeline = fit_pipeline(
        FRAME, features=["amount", "returning"], column_types={"returning": "categorical"}
    )
    assert pipeline.feature_names == ["amount", "returning"]
    assert pipeline.columns[4].type == "categorical"


def test_a_fitted_pipeline_can_be_handed_to_another_process():
    pipeline = fit_pipeline(FRAME)
    copied = pickle.loads(pickle.dumps(pipeline))
    assert copied.score(FRAME).scores.tolist() == pipeline.score(FRAME).scores.tolist()


@every_algorithm
def test_a_constant_column_scores_every_row_below_a_half(algorithm):
    training = fit_pipeline(pl.DataFrame({"a": [3.0] * 20}), algorithm=algorithm).training
    assert training.n_anomalies == 0
    assert (training.scores < 0.5).all()


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"algorithm": "isolation"}, UnknownAlgorithm),
        ({"parameters": {"n_estimators": "many"}}, InvalidParameter),
        ({"contamination": 0.7}, InvalidParameter),
    ],
)
def test_options_are_checked_before_the_table_is(options, refusal):
    with pytest.raises(refusal):
        fit_pipeline(pl.DataFrame({"a": []}), **options)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows_are_refused_before_anything_is_learnt(rows):
    with pytest.raises(TooFewRows, match=f"isolation_forest learns from at least 3 rows, not {rows}"):
        fit_pipeline(pl.DataFrame({"a": [1.0] * rows}))


def test_rows_of_another_shape_than_in_training_are_refused():
    with pytest.raises(BadTable, match="The table lacks column 'amount'"):
        fit_pipeline(FRAME).score(FRAME.drop("amount"))
