import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import InvalidParameter

FOREST = registry.get("isolation_forest")
LOF = registry.get("local_outlier_factor")


@pytest.mark.parametrize(
    ("spec", "name", "given", "sentence"),
    [
        (FOREST, "n_estimators", 0, "must be an integer from 1 to 1000, not 0."),
        (FOREST, "n_estimators", True, "must be an integer from 1 to 1000, not true."),
        (FOREST, "n_estimators", 20.0, "must be an integer from 1 to 1000, not 20.0."),
        (FOREST, "max_features", 0, "must be a number above 0 and at most 1, not 0."),
        (FOREST, "max_features", [1], "must be a number above 0 and at most 1, not an array."),
        (LOF, "bagging", 1, "must be true or false, not 1."),
        (LOF, "bagging", "true", "must be true or false, not 'true'."),
        (LOF, "bagging", None, "must be true or false, not null."),
        (LOF, "metric", "cosine", "must be one of 'euclidean', 'manhattan', 'chebyshev', not 'cosine'."),
    ],
)
def test_a_refusal_names_the_parameter_the_range_and_the_value(spec, name, given, sentence):
    with pytest.raises(InvalidParameter) as refused:
        spec.detector({name: given})
    assert str(refused.value) == f"Parameter '{name}' {sentence}"
    assert refused.value.code == "validation"


def test_an_unknown_parameter_is_answered_with_the_nearest_and_all():
    with pytest.raises(InvalidParameter) as refused:
        FOREST.detector({"n_estimator": 5})
    assert str(refused.value) == (
        "There is no parameter 'n_estimator'. Did you mean 'n_estimators'? This algorithm takes "
        "n_estimators, max_samples, max_features."
    )


def test_a_pointer_escapes_what_json_pointers_escape():
    with pytest.raises(InvalidParameter) as refused:
        FOREST.detector({"a/b~c": 5})
    assert refused.value.pointer == "/parameters/a~1b~0c"


def test_a_whole_number_is_a_number():
    assert FOREST.detector({"max_features": 1}).max_features == 1.0


@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_taken_as_they_are(value):
    assert LOF.detector({"bagging": value}).bagging is value
