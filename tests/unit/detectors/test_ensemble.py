# ruff: noqa: N803, N806 - X is the field's name for a matrix of rows
"""Several algorithms as one."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from pynomaly_server.detectors import ensemble, registry
from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector
from pynomaly_server.detectors.ensemble import SPEC, stability
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.parameters import schema_of

rng = np.random.default_rng(3)
CLOUD = rng.normal(size=(150, 3))
UNSEEN = rng.normal(size=(20, 3)) * 3
PAIR = ["isolation_forest", "ecod"]


def standardised(name, X, seed=0):
    fitted = registry.get(name).fit(CLOUD, {}, seed)
    trained = fitted.training_scores
    emphasis = np.exp((trained - trained.mean()) / trained.std())
    z = (fitted.score_raw(X) - trained.mean()) / trained.std()
    far = np.exp(6) * (1 + z - 6)
    return (np.where(z > 6, far, np.exp(z)) - emphasis.mean()) / emphasis.std()


@pytest.mark.parametrize(
    ("combination", "combine"), [("average", np.mean), ("maximum", np.max), ("median", np.median)]
)
def test_the_raw_score_combines_emphasised_scores_standardised_by_the_training_rows(combination, combine):
    methods = ["isolation_forest", "ecod", "lof"]
    fitted = SPEC.fit(CLOUD, {"methods": methods, "combination": combination}, 4)
    each = np.array([standardised(name, UNSEEN, 4) for name in methods])
    np.testing.assert_allclose(fitted.score_raw(UNSEEN), combine(each, axis=0), rtol=1e-9)


def test_of_two_rows_far_out_the_farther_scores_higher():
    rows = np.array([[30.0, 0.0, 0.0], [300.0, 0.0, 0.0], [1e6, 0.0, 0.0]])
    scores = SPEC.fit(CLOUD, {"methods": ["iqr", "z_score"]}, 0).score_raw(rows)
    assert (np.diff(scores) > 0).all()


def test_what_one_member_sees_far_out_is_not_outvoted_by_how_usual_another_finds_it():
    standardised = ensemble._emphasis(np.array([[4.0, -2.0], [1.0, 1.5]]))
    assert standardised[0].mean() > standardised[1].mean()


def test_a_row_scores_the_same_whatever_is_scored_with_it():
    fitted = SPEC.fit(CLOUD, {"methods": PAIR}, 0)
    far = np.vstack([UNSEEN, np.full((5, 3), 1e6)])
    assert fitted.score_raw(far)[:20].tolist() == fitted.score_raw(UNSEEN).tolist()


def test_a_member_is_fitted_as_it_is_alone():
    fitted = SPEC.fit(CLOUD, {"methods": PAIR}, 9)
    alone = registry.get("isolation_forest").fit(CLOUD, {}, 9)
    assert fitted.members[0].training_scores.tolist() == alone.training_scores.tolist()


def test_the_default_is_the_average_of_a_forest_and_bagged_neighbours():
    defaults = {name: rule["default"] for name, rule in SPEC.parameters["properties"].items()}
    assert defaults == {"methods": ["isolation_forest", "knn"], "combination": "average"}


def test_a_member_that_cannot_tell_rows_apart_changes_nothing():
    X = np.column_stack([CLOUD, np.full(150, 2.0)])
    fitted = SPEC.fit(np.full((30, 2), 0.5), {"methods": PAIR}, 0)
    assert (fitted.training_scores == fitted.training_scores[0]).all()
    assert np.isfinite(SPEC.fit(X, {"methods": PAIR}, 0).training_scores).all()


class Fixed(FittedDetector):
    """Scores by one column, or by chance anew in every fit."""

    def __init__(self, X, column, seed):
        self._column, self._seed = column, seed
        self.n_features = X.shape[1]
        self.training_scores = self.score_raw(X)

    def score_raw(self, X):
        if self._column is None:
            return np.random.default_rng(self._seed).normal(size=X.shape[0])
        return X[:, self._column].copy()


def spec_of(name, column):
    class Stable(Detector):
        def fit(self, X, seed):
            return Fixed(X, column, seed)

    return AlgorithmSpec(
        name, name, name, "2024", (), schema_of(), ("inductive",), "low", "O(1)", 3, lambda values: Stable()
    )


STEADY, CHANCE = spec_of("steady", 0), spec_of("chance", None)


def test_a_ranking_that_every_refit_repeats_has_stability_one():
    assert stability(STEADY, CLOUD, 0) == pytest.approx(1.0)


def test_a_ranking_by_chance_has_stability_near_zero():
    assert stability(CHANCE, CLOUD, 0) < 0.2


def test_an_algorithm_that_ranks_nothing_has_stability_zero():
    assert stability(STEADY, np.ones((20, 2)), 0) == 0.0


def test_stability_is_the_mean_rank_correlation_of_refits():
    ranks = np.random.default_rng(0).permuted(np.tile(np.arange(30.0), (3, 1)), axis=1)
    pairs = [spearmanr(ranks[a], ranks[b]).statistic for a, b in ((1, 0), (2, 0), (2, 1))]
    assert ensemble._mean_agreement(ranks) == pytest.approx(np.mean(pairs))


def test_weights_are_shares_of_stability(monkeypatch):
    by_name = {"steady": STEADY, "chance": CHANCE}
    monkeypatch.setattr(ensemble, "_member", by_name.__getitem__)
    fitted = ensemble.EnsembleDetector(("steady", "chance"), "weighted").fit(CLOUD, 0)
    assert fitted.weights.sum() == pytest.approx(1.0)
    assert fitted.weights[0] > 0.8


def test_members_of_no_stability_at_all_count_equally():
    fitted = SPEC.fit(np.ones((40, 2)), {"methods": PAIR, "combination": "weighted"}, 0)
    assert fitted.weights.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("methods", "pointer", "sentence"),
    [
        (["ecod"], "/parameters/methods",
         "Parameter 'methods' must be a list of 2 to 10 different names, not an array."),
        (["ecod", "ecod"], "/parameters/methods",
         "Parameter 'methods' must be a list of 2 to 10 different names, not an array."),
        (["ecod", 5], "/parameters/methods",
         "Parameter 'methods' must be a list of 2 to 10 different names, not an array."),
        ("ecod", "/parameters/methods",
         "Parameter 'methods' must be a list of 2 to 10 different names, not 'ecod'."),
        (["lof", "ecod", "LOF"], "/parameters/methods/2",
         "'LOF' is 'local_outlier_factor', which is a member already. Name each algorithm once."),
        (["ecod", "ensemble"], "/parameters/methods/1",
         "'ensemble' cannot be a member of an ensemble: it is made of other algorithms itself. Name those."),
        (["ecod", "spectral_residual"], "/parameters/methods/1",
         ("'spectral_residual' looks at rows in the order of time and cannot be combined with others. "
          "Take it alone, or leave it out.")),
    ],
)  # fmt: skip
def test_members_that_cannot_be_are_refused_with_the_reason(methods, pointer, sentence):
    with pytest.raises(InvalidParameter) as refused:
        SPEC.detector({"methods": methods})
    assert (str(refused.value), refused.value.pointer) == (sentence, pointer)


def test_a_member_that_is_not_there_is_refused_with_the_nearest_spelling():
    with pytest.raises(InvalidParameter, match=r"no algorithm 'ecodd'\. Did you mean 'ecod'\?") as refused:
        SPEC.detector({"methods": ["lof", "ecodd"]})
    assert refused.value.pointer == "/parameters/methods/1"


def test_rows_too_few_for_one_member_are_too_few_for_the_ensemble(monkeypatch):
    needy = AlgorithmSpec(
        "needy", "Needy", "", "2024", (), schema_of(), (), "low", "O(1)", 8, lambda values: None
    )
    monkeypatch.setattr(ensemble, "_member", {"steady": STEADY, "needy": needy}.__getitem__)
    with pytest.raises(TooFewRows, match="ensemble with needy learns from at least 8 rows, not 5"):
        ensemble.EnsembleDetector(("steady", "needy"), "average").fit(CLOUD[:5], 0)
