"""Without torch the networks are listed, refused with the remedy, and nothing else is the worse for it."""

import subprocess
import sys

import pytest

from pynomaly_server.algorithms.service import AlgorithmService
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detectors import base, registry
from pynomaly_server.detectors.errors import AlgorithmUnavailable
from pynomaly_server.problems import ProblemError

DEEP = ["autoencoder", "deep_svdd", "lstm_autoencoder", "variational_autoencoder"]
each_network = pytest.mark.parametrize("name", DEEP)


@pytest.fixture
def without_torch(monkeypatch):
    find_spec = base.find_spec
    monkeypatch.setattr(base, "find_spec", lambda module: None if module == "torch" else find_spec(module))


def test_the_networks_are_the_algorithms_of_the_extra_deep():
    assert [spec.name for spec in registry.all() if spec.extra == "deep"] == DEEP
    assert all(spec.needs == ("torch",) for spec in registry.all() if spec.extra == "deep")


@pytest.mark.usefixtures("without_torch")
def test_they_are_listed_as_unavailable_and_all_others_as_available():
    assert [each.name for each in AlgorithmService().all() if not each.available] == DEEP


@pytest.mark.usefixtures("without_torch")
@each_network
def test_asked_for_one_names_the_extra_to_install(name):
    with pytest.raises(AlgorithmUnavailable) as refused:
        registry.get(name).detector({})
    assert str(refused.value) == (
        f"{name} cannot run on this server: what it is built on is not installed. Install "
        "pynomaly-server[deep], or take an algorithm that GET /api/v1/algorithms lists as available."
    )


@pytest.mark.usefixtures("without_torch")
def test_a_request_for_one_is_answered_422_algorithm_unavailable():
    with pytest.raises(ProblemError) as refused, as_problems(""):
        registry.get("vae").detector({})
    assert (refused.value.status, refused.value.code) == (422, "algorithm-unavailable")
    assert [fault.pointer for fault in refused.value.errors] == ["/algorithm"]


def test_a_server_that_is_ready_has_loaded_neither_torch_nor_pyod_nor_scikit_learn():
    code = (
        "import sys, pynomaly_server.app; from pynomaly_server.detection.warmup import warm_up; warm_up(); "
        "print(sorted({'torch', 'pyod', 'sklearn', 'pandas'} & sys.modules.keys()))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"
