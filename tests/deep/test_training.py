"""Training depends on rows and seed alone, and leaves no trace outside the detector."""

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from pynomaly_server.detectors import envelope, registry
from pynomaly_server.detectors.deep.training import Plan, minimise, one_thread

pytestmark = pytest.mark.deep

DEEP = ["autoencoder", "deep_svdd", "lstm_autoencoder", "variational_autoencoder"]
each_network = pytest.mark.parametrize("name", DEEP)

X = np.random.default_rng(5).normal(size=(90, 3))
KEY = b"a secret of thirty-two bytes or more"
QUICK = {"epochs": 3}


def generators():
    numpy_state = np.random.get_state()  # noqa: NPY002 - the legacy one is what must stay untouched
    return torch.get_rng_state().tolist(), numpy_state[1].tolist(), random.getstate()


def scores(name, seed=0):
    return registry.get(name).fit(X, QUICK, seed).training_scores.tolist()


@each_network
def test_training_leaves_every_generator_of_the_process_as_it_was(name):
    registry.get(name).fit(X, QUICK)
    before = generators()
    environment = dict(os.environ)
    registry.get(name).fit(X, QUICK)
    assert generators() == before
    assert dict(os.environ) == environment


@each_network
def test_training_does_not_look_at_torchs_own_generator(name):
    torch.manual_seed(1)
    first = scores(name)
    torch.manual_seed(2)
    assert scores(name) == first


@each_network
def test_scores_do_not_depend_on_how_many_threads_torch_may_use(name):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = scores(name)
        torch.set_num_threads(4)
        assert scores(name) == alone
        assert torch.get_num_threads() == 4
    finally:
        torch.set_num_threads(before)


@each_network
def test_networks_trained_at_the_same_time_are_those_trained_one_after_the_other(name):
    one_by_one = [scores(name, seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda seed: scores(name, seed), range(4)))
    assert at_once == one_by_one


@each_network
def test_training_is_silent(name, capfd):
    registry.get(name).fit(X, QUICK)
    assert capfd.readouterr() == ("", "")


def test_the_number_of_threads_is_restored_after_a_failure():
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        1 / 0  # noqa: B018 - the failure is the point
    assert torch.get_num_threads() == before


def test_training_ends_once_the_loss_no_longer_falls():
    shown = []
    weight = torch.zeros(1, requires_grad=True)

    def loss(batch):
        shown.append(len(batch))
        return 1.0 + 0.0 * weight.sum()

    plan = Plan(epochs=100, batch_size=8, learning_rate=0.1, weight_decay=0.0, patience=3)
    minimise(loss, [weight], np.zeros((8, 1)), plan, np.random.default_rng(0))
    assert shown == [8] * 4


@pytest.mark.parametrize(("n", "sizes"), [(3, [3]), (8, [8]), (15, [15]), (20, [10, 10])])
def test_no_batch_is_smaller_than_asked_where_there_are_as_many_rows(n, sizes):
    shown = []
    weight = torch.zeros(1, requires_grad=True)

    def loss(batch):
        shown.append(len(batch))
        return weight.sum() ** 2

    plan = Plan(epochs=1, batch_size=8, learning_rate=0.1, weight_decay=0.0, patience=3)
    minimise(loss, [weight], np.zeros((n, 1)), plan, np.random.default_rng(0))
    assert shown == sizes


@each_network
def test_what_was_kept_scores_the_same_where_there_is_no_torch(name, tmp_path):
    fitted = registry.get(name).fit(X, QUICK)
    kept = tmp_path / "detector"
    kept.write_bytes(envelope.dumps(fitted, KEY))
    code = (
        "import pathlib, sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': raise ImportError('there is no torch here')\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "import numpy as np\n"
        "from pynomaly_server.detectors import envelope\n"
        f"fitted = envelope.loads(pathlib.Path({str(kept)!r}).read_bytes(), {KEY!r})\n"
        "rows = np.random.default_rng(5).normal(size=(90, 3))\n"
        "print(fitted.score_raw(rows).tolist() == fitted.training_scores.tolist())"
    )
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
