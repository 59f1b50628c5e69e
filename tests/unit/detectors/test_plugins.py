# ruff: noqa: N803 - X is the field's name for a matrix of rows
"""Algorithms of others: found, checked, held to their promises, kept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pynomaly_server.detection.pipeline import dump_pipeline, fit_pipeline, load_pipeline
from pynomaly_server.detectors import BaseAnomalyDetector, envelope, plugins, register_algorithm, registry
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows, UnknownAlgorithm
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.plugins import FaultyDetector, UnfitAlgorithm, unregister_algorithm

ROOT = Path(__file__).parents[3]
DOCUMENTATION = ROOT / "docs" / "own-detectors.md"
KEY = b"a secret of thirty-two bytes or more"
CLOUD = np.random.default_rng(2).normal(size=(40, 3))


class Distance(BaseAnomalyDetector):
    name = "distance"
    aliases = ("dist",)
    parameters = schema_of(power=integer("Power of the distance.", default=2, minimum=1, maximum=4))

    def __init__(self, power):
        self.power = power

    def fit(self, X):
        self.centre_ = np.median(X, axis=0)

    def decision_function(self, X):
        return (np.abs(X - self.centre_) ** self.power).sum(axis=1)


@pytest.fixture(autouse=True)
def _nothing_stays_registered():
    yield
    for spec in plugins.registered():
        unregister_algorithm(spec.name)


def variant(name="variant", **members):
    return type("Variant", (Distance,), {"__module__": __name__, "name": name, "aliases": (), **members})


def test_a_registered_algorithm_is_listed_and_found_by_name_and_alias():
    register_algorithm(Distance)
    assert "distance" in [spec.name for spec in registry.all()]
    assert registry.get(" DIST ").name == "distance"


def test_a_decorated_class_stays_itself_and_registering_twice_changes_nothing():
    assert register_algorithm(Distance) is Distance
    assert register_algorithm(Distance) is Distance
    assert [spec.name for spec in registry.all()].count("distance") == 1


def test_what_is_not_described_is_described_by_its_name_and_module():
    register_algorithm(Distance)
    spec = registry.get("distance")
    assert spec.title == "Distance"
    assert spec.description.startswith("Distance, an algorithm of ")
    assert spec.reference.endswith(".Distance")
    assert spec.capabilities == ("inductive", "deterministic")


def test_parameters_reach_the_constructor_checked_and_with_defaults():
    register_algorithm(Distance)
    spec = registry.get("distance")
    far = CLOUD + 1
    squares, cubes = spec.fit(CLOUD).score_raw(far), spec.fit(CLOUD, {"power": 3}).score_raw(far)
    centre = np.median(CLOUD, axis=0)
    np.testing.assert_allclose(squares, ((far - centre) ** 2).sum(axis=1))
    np.testing.assert_allclose(cubes, (np.abs(far - centre) ** 3).sum(axis=1))
    with pytest.raises(InvalidParameter, match="'power' must be an integer from 1 to 4, not 9"):
        spec.detector({"power": 9})


def test_a_seeded_algorithm_gets_its_seed_before_fit():
    def fit(self, X):
        self.centre_ = np.random.default_rng(self.random_state).normal(size=X.shape[1])

    register_algorithm(variant(fit=fit, seeded=True))
    spec = registry.get("variant")
    first, again, other = (spec.fit(CLOUD, {}, seed).training_scores for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert "seeded" in spec.capabilities


def test_an_own_algorithm_may_be_a_member_of_an_ensemble():
    register_algorithm(Distance)
    fitted = registry.get("ensemble").fit(CLOUD, {"methods": ["dist", "ecod"]})
    assert np.isfinite(fitted.training_scores).all()


HALF = type("Half", (BaseAnomalyDetector,), {"__module__": __name__, "name": "half", "fit": Distance.fit})
BAD_DEFAULT = schema_of(k=integer("k", default=9, minimum=1, maximum=4))


@pytest.mark.parametrize(
    ("cls", "fault"),
    [
        (HALF, "it lacks decision_function. Define what is missing."),
        (variant(min_rows=0), "its min_rows, 0, is below 1."),
        (variant(cost="free"), "its cost 'free' is none of low, medium, high."),
        (variant(name="A b"),
         ("its name or alias 'A b' is not made of small letters, digits and underscores, "
          "starting with a letter. Set `name` to something like 'my_detector'.")),
        (variant(parameters=BAD_DEFAULT),
         ("its parameters are no schema with valid defaults (Parameter 'k' must be an integer from 1 to 4, "
          "not 9.). Build it with `schema_of`.")),
    ],
)  # fmt: skip
def test_what_cannot_be_an_algorithm_is_refused_with_the_reason(cls, fault):
    with pytest.raises(UnfitAlgorithm) as refused:
        register_algorithm(cls)
    assert str(refused.value) == f"{__name__}.{cls.__name__} is no algorithm: {fault}"


def test_what_is_not_even_derived_from_the_base_is_refused():
    with pytest.raises(UnfitAlgorithm) as refused:
        register_algorithm(dict)
    assert str(refused.value) == ("<class 'dict'> is no algorithm: derive a class from BaseAnomalyDetector.")


@pytest.mark.parametrize(
    ("cls", "name", "owner"),
    [
        (variant(name="ecod"), "ecod", "Pynomaly itself"),
        (variant(aliases=("lof",)), "lof", "Pynomaly itself"),
        (variant(name="dist"), "dist", f"{__name__}.Distance"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_its_owner(cls, name, owner):
    register_algorithm(Distance)
    with pytest.raises(UnfitAlgorithm) as refused:
        register_algorithm(cls)
    assert str(refused.value) == (
        f"{__name__}.Variant cannot be called '{name}': that is an algorithm of {owner}. Choose another name "
        "or alias."
    )


@pytest.mark.parametrize(
    ("decision_function", "fault"),
    [
        (lambda self, X: X - self.centre_, "gave scores of shape (40, 3) for 40 rows."),
        (lambda self, X: np.zeros(3), "gave scores of shape (3,) for 40 rows."),
        (lambda self, X: X[:, 0] / 0.0, "gave the score "),
        (lambda self, X: np.where(X[:, 0] == CLOUD[7, 0], np.nan, 0.0), "gave the score nan to row 7."),
        (lambda self, X: np.full(len(X), "high"), "gave scores of type <U4."),
        (lambda self, X: X[:, 0] - X[:, 0].mean(), "scored row 0 as "),
        (lambda self, X: X[:, 0] + np.arange(len(X)), "scored row 0 as "),
        (lambda self, X: np.random.default_rng().normal(size=len(X)), "scored row 0 as "),
        (lambda self, X: [1 / 0 for _ in X], "raised ZeroDivisionError while scoring: division by zero."),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_broken_promise_is_named_when_it_is_fitted(decision_function, fault):
    register_algorithm(variant(decision_function=decision_function))
    with pytest.raises(FaultyDetector) as refused:
        registry.get("variant").fit(CLOUD)
    assert str(refused.value).startswith(f"The algorithm 'variant' {fault}")
    assert (refused.value.code, refused.value.pointer) == ("validation", "/algorithm")


def test_a_score_that_depends_on_its_company_is_told_with_both_values():
    register_algorithm(variant(decision_function=lambda self, X: X[:, 0] - X[:, 0].mean()))
    with pytest.raises(FaultyDetector) as refused:
        registry.get("variant").fit(np.array([[1.0], [2.0], [6.0]]))
    assert str(refused.value) == (
        "The algorithm 'variant' scored row 0 as -2.0 with all rows and as 0.0 alone. A score must depend on "
        "the row alone: keep in `fit` what is learnt of the data, draw nothing at random in "
        "`decision_function`, and sum along rows instead of using matrix products, which round by the shape "
        "of the batch."
    )


def test_a_promise_broken_only_by_later_rows_is_named_when_they_are_scored():
    register_algorithm(variant(decision_function=lambda self, X: np.where(X[:, 0] > 100, np.inf, 0.0)))
    fitted = registry.get("variant").fit(CLOUD)
    with pytest.raises(FaultyDetector, match="gave the score inf to row 1"):
        fitted.score_raw(np.array([[0.0, 0, 0], [101.0, 0, 0]]))


def test_an_error_of_fit_is_told_with_the_algorithm():
    def fit(self, X):
        raise KeyError("colour")

    register_algorithm(variant(fit=fit))
    with pytest.raises(FaultyDetector, match="'variant' raised KeyError while fitting: 'colour'"):
        registry.get("variant").fit(CLOUD)


def test_a_refusal_in_the_engines_own_words_passes_as_it_is():
    def fit(self, X):
        raise TooFewRows(100, len(X), "variant")

    register_algorithm(variant(fit=fit))
    with pytest.raises(TooFewRows, match="variant learns from at least 100 rows, not 40"):
        registry.get("variant").fit(CLOUD)


def test_an_own_algorithm_cannot_change_the_rows_of_its_caller():
    def fit(self, X):
        X[:] = 0
        self.centre_ = X[0]

    register_algorithm(variant(fit=fit))
    before = CLOUD.copy()
    registry.get("variant").fit(CLOUD)
    assert (before == CLOUD).all()


def test_a_pipeline_with_an_own_algorithm_is_kept_by_its_attributes():
    register_algorithm(Distance)
    frame = pl.DataFrame(CLOUD, schema=["a", "b", "c"])
    pipeline = fit_pipeline(frame, algorithm="dist", parameters={"power": 3})
    data = dump_pipeline(pipeline, KEY)
    assert envelope.read_header(data, KEY).parameters == {"power": 3}
    assert load_pipeline(data, KEY).score(frame).raw.tolist() == pipeline.score(frame).raw.tolist()


def test_state_of_another_library_is_kept_as_the_bytes_it_gives():
    def get_state(self):
        return {"text": repr(self.centre_.tolist()).encode()}

    def set_state(self, state):
        self.centre_ = np.array([float(part) for part in state["text"].decode().strip("[]").split(",")])

    register_algorithm(variant(get_state=get_state, set_state=set_state))
    fitted = registry.get("variant").fit(CLOUD)
    loaded = envelope.loads(envelope.dumps(fitted, KEY), KEY)
    assert loaded.score_raw(CLOUD).tolist() == fitted.training_scores.tolist()


def test_state_that_cannot_be_kept_is_refused_with_the_attribute_yet_scores():
    def fit(self, X):
        Distance.fit(self, X)
        self.model_ = object()

    register_algorithm(variant(fit=fit))
    fitted = registry.get("variant").fit(CLOUD)
    assert np.isfinite(fitted.score_raw(CLOUD)).all()
    with pytest.raises(
        envelope.NotKeepable, match=re.escape("FittedOwn.state['model_'] is a builtins:object")
    ):
        envelope.dumps(fitted, KEY)


def test_what_was_kept_needs_its_algorithm_to_be_installed():
    register_algorithm(Distance)
    data = envelope.dumps(registry.get("distance").fit(CLOUD), KEY, algorithm="distance")
    unregister_algorithm("distance")
    with pytest.raises(UnknownAlgorithm, match="There is no algorithm 'distance'"):
        envelope.loads(data, KEY)


def code_of_the_documentation():
    return re.findall(r"```python\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)


def install(folder, module, entry_point):
    """A package as an installer would leave it: a module beside the description of its distribution."""
    (folder / "own_detectors.py").write_text(module, encoding="utf-8")
    described = folder / "own_detectors-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: own-detectors\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(f"[pynomaly.detectors]\nmine = {entry_point}\n")


def python(folder, *arguments):
    paths = os.pathsep.join([str(folder), str(ROOT / "server" / "src"), str(ROOT / "sdk" / "src")])
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_the_code_of_the_documentation_runs(capsys):
    defining, using, keeping = code_of_the_documentation()
    names = {}
    exec(defining, names)
    exec(using, names)
    usual, far = (float(word) for word in capsys.readouterr().out.strip("[]\n ").split())
    assert far > 10 * usual
    exec(keeping, names)
    register_algorithm(names["Boosted"])


@pytest.mark.slow
def test_an_installed_detector_passes_the_check_suite_of_every_detector(tmp_path):
    install(tmp_path, code_of_the_documentation()[0], "own_detectors:MedianDistance")
    suite = "tests/unit/detectors/test_every_detector.py"
    ran = python(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", suite, "-k", "median_distance")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) > 40


def test_an_entry_point_that_cannot_be_loaded_is_named(tmp_path):
    install(tmp_path, "", "own_detectors:Missing")
    ran = python(tmp_path, "-c", "from pynomaly_server.detectors import registry; registry.all()")
    assert (
        "UnfitAlgorithm: The entry point 'mine' (own_detectors:Missing) of the group 'pynomaly.detectors' "
        "cannot be loaded (AttributeError: module 'own_detectors' has no attribute 'Missing'). Correct its "
        "package, or uninstall it."
    ) in ran.stderr
