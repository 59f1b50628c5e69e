"""How long each algorithm takes to fit and to score, against PyOD's own class in the same run.

    make bench      (or: python benchmarks/detectors.py [--full] [--algorithms A ...] [--datasets D ...])

Ours and theirs take turns on the same rows, so whatever else the machine does slows both; what is printed is
the median of the ratios of the turns, theirs / ours: above 1 we are quicker. Fitting includes the scores of
the training rows, on both sides. Absolute times depend on the machine and are shown for orientation only.
`--clock cpu` counts the processor's seconds of all threads, which is fairer on a machine that does other
things; native libraries get one thread then, because theirs burn time while they wait for each other, which
says nothing of the work (and would flatter us: theirs have more of them). `wall` counts the seconds of the
clock on the wall.

Bounds, so that it ends: of a table with more than `--most-rows` rows as many are drawn, and a batch of
100,000 rows is left out where the one of 1,000 says that a side would take over `--most-seconds` for it.
`--write` puts the figures in docs/engine-performance.md.
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
from threadpoolctl import threadpool_limits

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import DetectorError

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page import put_rows

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
# The same algorithm as the peer's where our default does another, more accurate thing.
VARIANTS: dict[str, dict[str, Any]] = {
    "knn, bagging off": {"bagging": False},
    "local_outlier_factor, bagging off": {"bagging": False},
}
CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}
# Minutes per fit; measured when named.
ONLY_WHEN_NAMED = ("autoencoder", "deep_svdd", "variational_autoencoder", "lstm_autoencoder")

# Seconds that a turn lasts at least.
_TURN = 0.02


@dataclass(frozen=True)
class Cell:
    """Median seconds of both sides and the median of the ratios; None where no peer takes the data."""

    ours: float | None
    theirs: float | None
    ratio: float | None

    def __str__(self) -> str:
        """Our milliseconds and the ratio."""
        if self.ours is None:
            return "left out"
        ratio = "-" if self.ratio is None else f"{self.ratio:.1f}x"
        return f"{self.ours * 1e3:.3f} ms {ratio:>8}"


LEFT_OUT = Cell(None, None, None)


def main() -> int:
    """Measure, print a line per algorithm and dataset; gives the exit status."""
    arguments = _arguments()
    sizes = (1, 1000, 100_000) if arguments.full else (1, 1000)
    found: dict[str, dict[str, list[Cell]]] = {}
    print(f"{'dataset':16}{'algorithm':35}" + "".join(f"{head:>22}" for head in _heads(sizes)))
    print(f"{'':51}" + f"{'ours, theirs / ours':>22}" * (len(sizes) + 1))
    for dataset in arguments.datasets or (_all_datasets() if arguments.full else SHORT):
        rows = _rows(dataset, arguments.most_rows)
        if rows is None:
            print(f"{dataset:16}skipped: {DATA / dataset}.npz is not there")
            continue
        for name in arguments.algorithms or _default_algorithms():
            print(f"{dataset:16}{name:35}", end="", flush=True)
            try:
                cells = measured(name, rows, sizes, arguments)
            except (DetectorError, ImportError) as reason:
                print(f"skipped: {reason}")
                continue
            print("".join(f"{cell!s:>22}" for cell in cells), flush=True)
            found.setdefault(name, {})[dataset] = cells
            if arguments.write:
                _write(found, sizes, arguments.clock)
    return 0


def measured(
    name: str,
    X: Matrix,  # noqa: N803
    sizes: tuple[int, ...],
    arguments: argparse.Namespace,
) -> list[Cell]:
    """Fit, then score so many rows of each size; each in about `budget` seconds, but at least once.

    Raises:
        DetectorError: the algorithm cannot be used here.
        ImportError: its peer cannot.
    """
    spec, parameters = registry.get(name.split(",", maxsplit=1)[0]), VARIANTS.get(name, {})
    peer = _peer(spec.name)
    ours = spec.fit(X, parameters)
    try:
        theirs = peer().fit(X) if peer else None
    except ValueError:
        # PyOD's CBLOF finds no large cluster in noise; its other seeds would fare no better.
        peer = theirs = None
    if arguments.clock == "cpu":
        # Only now are all libraries of both sides loaded.
        threadpool_limits(1)
    race = _Race(CLOCKS[arguments.clock], arguments.budget)
    cells = [race.run(lambda: spec.fit(X, parameters), (lambda: peer().fit(X)) if peer else None)]
    draw = np.random.default_rng(0)
    for size in sizes:
        if size > 1000 and _longest(cells[-1]) * size / 1000 > arguments.most_seconds:
            cells.append(LEFT_OUT)
            continue
        unseen = X[draw.integers(len(X), size=size)] + 1e-3 * X.std(axis=0) * draw.normal(
            size=(size, X.shape[1])
        )
        cells.append(
            race.run(
                lambda rows=unseen: ours.score_raw(rows),
                (lambda rows=unseen: theirs.decision_function(rows)) if theirs else None,
            )
        )
    return cells


def _longest(cell: Cell) -> float:
    return max(cell.ours or 0.0, cell.theirs or 0.0)


def _write(found: dict[str, dict[str, list[Cell]]], sizes: tuple[int, ...], clock: str) -> None:
    """Put the ratios on the page: of the synthetic rows each, of the tables the median and the least."""
    heads = _heads(sizes)
    synthetic = [
        (name, *(_shown(cell) for cell in tables[SYNTHETIC]))
        for name, tables in found.items()
        if SYNTHETIC in tables
    ]
    if synthetic:
        put_rows(f"synthetic {clock}", ("algorithm", *heads), synthetic, keys=1)
    real = {
        name: {table: cells for table, cells in tables.items() if table != SYNTHETIC}
        for name, tables in found.items()
    }
    over_all = [
        (name, *(_over(tables, column) for column in range(len(heads))))
        for name, tables in real.items()
        if tables
    ]
    if over_all:
        put_rows(f"tables {clock}", ("algorithm", *heads), over_all, keys=1)


def _shown(cell: Cell) -> str:
    if cell.ours is None:
        return "left out"
    ratio = "no peer" if cell.ratio is None else f"{cell.ratio:.1f}x"
    return f"{ratio} ({cell.ours * 1e3:,.3g} ms)"


def _over(tables: dict[str, list[Cell]], column: int) -> str:
    ratios = {table: ratio for table, cells in tables.items() if (ratio := cells[column].ratio) is not None}
    if not ratios:
        return ""
    worst = min(ratios, key=lambda table: ratios[table])
    return f"{statistics.median(ratios.values()):.1f}x, least {ratios[worst]:.2f}x ({worst})"


@dataclass(frozen=True)
class _Race:
    """Turn about, until the budget in seconds is spent or there are 15 turns.

    Quick work is repeated within its turn: once would mostly measure what the other's turn left in caches.
    """

    clock: Callable[[], float]
    budget: float

    def run(self, ours: Callable[[], object], theirs: Callable[[], object] | None) -> Cell:
        """The medians of the turns."""
        turns: list[tuple[float, float]] = []
        end = self.clock() + self.budget
        while not turns or (len(turns) < 15 and self.clock() < end):
            turns.append((self._seconds(ours), self._seconds(theirs) if theirs else 0.0))
        mine = statistics.median(turn[0] for turn in turns)
        if theirs is None:
            return Cell(mine, None, None)
        return Cell(
            mine, statistics.median(turn[1] for turn in turns), statistics.median(b / a for a, b in turns)
        )

    def _seconds(self, work: Callable[[], object]) -> float:
        began = self.clock()
        repeats = 0
        while (passed := self.clock() - began) < _TURN:
            work()
            repeats += 1
        return passed / repeats


def _peer(name: str) -> Callable[[], Any] | None:
    if name not in PEERS:
        return None
    module, cls, options = PEERS[name]
    made = getattr(importlib.import_module(module), cls)
    return lambda: made(**options)


def _rows(dataset: str, most: int) -> Matrix | None:
    if dataset == SYNTHETIC:
        return np.random.default_rng(0).normal(size=(1000, 10))
    path = DATA / f"{dataset}.npz"
    if not path.is_file():
        return None
    with np.load(path) as stored:
        rows: Matrix = stored["X"].astype(np.float64)
    if len(rows) <= most:
        return rows
    return rows[np.sort(np.random.default_rng(0).choice(len(rows), most, replace=False))]


def _all_datasets() -> tuple[str, ...]:
    return (SYNTHETIC, *sorted(path.stem for path in DATA.glob("*.npz")))


def _default_algorithms() -> list[str]:
    ordered = {"ordered"}
    names = [
        spec.name
        for spec in registry.all()
        if spec.name not in ONLY_WHEN_NAMED and not ordered & set(spec.capabilities)
    ]
    return sorted([*names, *VARIANTS])


def _heads(sizes: tuple[int, ...]) -> list[str]:
    return ["fit", *(f"score {size:,}" for size in sizes)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time every algorithm against PyOD's own class.")
    parser.add_argument("--full", action="store_true", help="all datasets, 100,000 rows too")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="what seconds are counted")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds for the turns of one figure")
    parser.add_argument("--most-rows", type=int, default=10_000, help="rows drawn of a larger table")
    parser.add_argument("--most-seconds", type=float, default=20.0, help="what a batch of 100,000 may take")
    parser.add_argument("--write", action="store_true", help="write docs/engine-performance.md")
    parser.add_argument("--algorithms", nargs="+", metavar="NAME", help="only these")
    parser.add_argument(
        "--datasets", nargs="+", metavar="NAME", help=f"only these; {SYNTHETIC} is 1,000 x 10"
    )
    return parser.parse_args()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main())
