"""How long each algorithm takes to fit and to score, against PyOD's own class in the same run.

    make bench      (or: python benchmarks/detectors.py [--full] [--algorithms A ...] [--datasets D ...])

Ours and theirs take turns on the same rows, so whatever else the machine does slows both; what is printed is
the median of the ratios of the turns, theirs / ours: above 1 we are quicker. Fitting includes the scores of
the training rows, on both sides. Absolute times depend on the machine and are shown for orientation only.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import DetectorError

Matrix = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "tabular"
SYNTHETIC = "synthetic"
SHORT = (SYNTHETIC, "breastw")

# Class of PyOD (or scikit-learn) and its options where its defaults do less work than ours.
PEERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "abod": ("pyod.models.abod", "ABOD", {}),
    "autoencoder": ("pyod.models.auto_encoder", "AutoEncoder", {"verbose": 0}),
    "cblof": ("pyod.models.cblof", "CBLOF", {"random_state": 0}),
    "copod": ("pyod.models.copod", "COPOD", {}),
    "deep_svdd": ("pyod.models.deep_svdd", "DeepSVDD", {"verbose": 0}),
    "ecod": ("pyod.models.ecod", "ECOD", {}),
    # PyOD has none; the nearest thing it has splits by single columns.
    "extended_isolation_forest": ("pyod.models.iforest", "IForest", {}),
    "gmm": ("pyod.models.gmm", "GMM", {}),
    "hbos": ("pyod.models.hbos", "HBOS", {}),
    "inne": ("pyod.models.inne", "INNE", {}),
    "isolation_forest": ("pyod.models.iforest", "IForest", {}),
    "kde": ("pyod.models.kde", "KDE", {}),
    "knn": ("pyod.models.knn", "KNN", {}),
    "local_outlier_factor": ("pyod.models.lof", "LOF", {}),
    "loda": ("pyod.models.loda", "LODA", {}),
    "mcd": ("pyod.models.mcd", "MCD", {}),
    "one_class_svm": ("pyod.models.ocsvm", "OCSVM", {}),
    "pca": ("pyod.models.pca", "PCA", {}),
    "variational_autoencoder": ("pyod.models.vae", "VAE", {"verbose": 0}),
}
# Minutes per fit; measured when named.
ONLY_WHEN_NAMED = ("autoencoder", "deep_svdd", "variational_autoencoder", "lstm_autoencoder")

# Seconds that a turn lasts at least.
_TURN = 0.02


@dataclass(frozen=True)
class Cell:
    """Median seconds of both sides and the median of the ratios; None where no peer takes the data."""

    ours: float
    theirs: float | None
    ratio: float | None

    def __str__(self) -> str:
        """Our milliseconds and the ratio."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.1f}x"
        return f"{self.ours * 1e3:.3f} ms {ratio:>8}"


def main() -> int:
    """Measure, print a line per algorithm and dataset; gives the exit status."""
    arguments = _arguments()
    sizes = (1, 1000, 100_000) if arguments.full else (1, 1000)
    budget = 20.0 if arguments.full else 1.0
    print(f"{'dataset':16}{'algorithm':27}" + "".join(f"{head:>22}" for head in _heads(sizes)))
    print(f"{'':43}" + f"{'ours, theirs / ours':>22}" * (len(sizes) + 1))
    for dataset in arguments.datasets or (_all_datasets() if arguments.full else SHORT):
        rows = _rows(dataset)
        if rows is None:
            print(f"{dataset:16}skipped: {DATA / dataset}.npz is not there")
            continue
        for name in arguments.algorithms or _default_algorithms():
            print(f"{dataset:16}{name:27}", end="", flush=True)
            try:
                cells = measured(name, rows, sizes, budget)
            except (DetectorError, ImportError) as reason:
                print(f"skipped: {reason}")
                continue
            print("".join(f"{cell!s:>22}" for cell in cells), flush=True)
    return 0


def measured(name: str, X: Matrix, sizes: tuple[int, ...], budget: float) -> list[Cell]:  # noqa: N803
    """Fit, then score so many rows of each size; each in about `budget` seconds, but at least once.

    Raises:
        DetectorError: the algorithm cannot be used here.
        ImportError: its peer cannot.
    """
    spec = registry.get(name)
    peer = _peer(spec.name)
    ours = spec.fit(X)
    try:
        theirs = peer().fit(X) if peer else None
    except ValueError:
        # PyOD's CBLOF finds no large cluster in noise; its other seeds would fare no better.
        peer = theirs = None
    cells = [_raced(lambda: spec.fit(X), (lambda: peer().fit(X)) if peer else None, budget)]
    draw = np.random.default_rng(0)
    for size in sizes:
        unseen = X[draw.integers(len(X), size=size)] + 1e-3 * X.std(axis=0) * draw.normal(
            size=(size, X.shape[1])
        )
        cells.append(
            _raced(
                lambda rows=unseen: ours.score_raw(rows),
                (lambda rows=unseen: theirs.decision_function(rows)) if theirs else None,
                budget,
            )
        )
    return cells


def _raced(ours: Callable[[], object], theirs: Callable[[], object] | None, budget: float) -> Cell:
    """Turn about, until the budget is spent or there are 15 turns.

    Quick work is repeated within its turn: once would mostly measure what the other's turn left in caches.
    """
    turns: list[tuple[float, float]] = []
    end = time.perf_counter() + budget
    while not turns or (len(turns) < 15 and time.perf_counter() < end):
        turns.append((_seconds(ours), _seconds(theirs) if theirs else 0.0))
    mine = statistics.median(turn[0] for turn in turns)
    if theirs is None:
        return Cell(mine, None, None)
    return Cell(
        mine, statistics.median(turn[1] for turn in turns), statistics.median(b / a for a, b in turns)
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    repeats = 0
    while (passed := time.perf_counter() - began) < _TURN:
        work()
        repeats += 1
    return passed / repeats


def _peer(name: str) -> Callable[[], Any] | None:
    if name not in PEERS:
        return None
    module, cls, options = PEERS[name]
    made = getattr(importlib.import_module(module), cls)
    return lambda: made(**options)


def _rows(dataset: str) -> Matrix | None:
    if dataset == SYNTHETIC:
        return np.random.default_rng(0).normal(size=(1000, 10))
    path = DATA / f"{dataset}.npz"
    if not path.is_file():
        return None
    with np.load(path) as stored:
        rows: Matrix = stored["X"].astype(np.float64)
    return rows


def _all_datasets() -> tuple[str, ...]:
    return (SYNTHETIC, *sorted(path.stem for path in DATA.glob("*.npz")))


def _default_algorithms() -> list[str]:
    ordered = {"ordered"}
    return [
        spec.name
        for spec in registry.all()
        if spec.name not in ONLY_WHEN_NAMED and not ordered & set(spec.capabilities)
    ]


def _heads(sizes: tuple[int, ...]) -> list[str]:
    return ["fit", *(f"score {size:,}" for size in sizes)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time every algorithm against PyOD's own class.")
    parser.add_argument("--full", action="store_true", help="all datasets, 100,000 rows too, longer turns")
    parser.add_argument("--algorithms", nargs="+", metavar="NAME", help="only these")
    parser.add_argument(
        "--datasets", nargs="+", metavar="NAME", help=f"only these; {SYNTHETIC} is 1,000 x 10"
    )
    return parser.parse_args()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main())
