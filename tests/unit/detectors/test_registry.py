import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import UnknownAlgorithm


def test_every_algorithm_is_listed_once_by_name():
    names = [spec.name for spec in registry.all()]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("alias", "name"),
    [("lof", "local_outlier_factor"), ("LOF", "local_outlier_factor"), ("IForest", "isolation_forest"),
     ("if", "isolation_forest"), ("ECOD", "ecod"), (" Isolation_Forest ", "isolation_forest")],
)  # fmt: skip
def test_an_alias_in_any_case_finds_its_algorithm(alias, name):
    assert registry.get(alias).name == name


def test_no_two_algorithms_share_a_name_or_alias():
    names = [name for spec in registry.all() for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)


def test_an_unknown_algorithm_is_answered_with_the_nearest_spelling_and_all_names():
    with pytest.raises(UnknownAlgorithm) as refused:
        registry.get("isolation_forrest")
    assert str(refused.value) == (
        "There is no algorithm 'isolation_forrest'. Did you mean 'isolation_forest'? The algorithms are "
        f"{', '.join(spec.name for spec in registry.all())}."
    )
    assert (refused.value.code, refused.value.pointer) == ("validation", "/algorithm")


def test_a_name_like_no_other_gets_no_guess():
    with pytest.raises(UnknownAlgorithm, match=r"There is no algorithm 'qqq'\. The algorithms are"):
        registry.get("qqq")
