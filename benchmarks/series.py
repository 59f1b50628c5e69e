"""Accuracy on labelled time series, beside the figures that others have published.

    python benchmarks/series.py [--data FOLDER] [--seeds N] [--methods NAME ...] [--write]

NAB: the score of the Numenta Anomaly Benchmark under its standard profile (Lavin, Ahmad: Evaluating Real-time
Anomaly Detection Algorithms, 2015) on the ten of its files that are at hand, with the one threshold for all
files that maximises it, as NAB itself chooses. Ours were fitted on the whole file, while the published ones
read it point by point: the figures show how well the scores order the points, not how soon they are known.

SKAB: mean F1 of the points of four experiments, all sensors together; the contamination is the share of
anomalies that the labels have. And as SKAB itself does: fitted on the first 400 rows of each experiment,
which are normal, with the threshold at one and a half times the 99% quantile of the scores of these rows; no
label is looked at. That is done for `lstm_autoencoder`; the published figure beside it is over all files.

Scores are those a caller gets: calibrated, in [0, 1]. `--write` puts the figures into docs/algorithms.md;
methods that were not measured keep their rows.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pynomaly_server.detection.series import fit_series
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.ordered.interface import OrderedDetector
from pynomaly_server.detectors.ordered.windows import Windows

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page import DOCS, put_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

HEAD = ("method", "NAB", "SKAB", "SKAB, normal rows first")

# NAB's standard profile: weights of a detection, a false alarm and a miss; the part of a file not scored.
TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0
PROBATION_SHARE, PROBATION_ROWS = 0.15, 5000
FAR_BEHIND = 3.0

# What SKAB's notebooks have for autoencoders.
NORMAL_ROWS, NORMAL_QUANTILE, NORMAL_FACTOR = 400, 0.99, 1.5

METHODS: dict[str, tuple[str, Windows | None]] = {
    "series_ensemble": ("series_ensemble", None),
    "spectral_residual": ("spectral_residual", None),
    "matrix_profile": ("matrix_profile", None),
    "lstm_autoencoder": ("lstm_autoencoder", None),
    "isolation_forest, windows of 16": ("isolation_forest", Windows(16)),
    "isolation_forest, last windows of 12": ("isolation_forest", Windows(12, combine="last")),
    "local_outlier_factor, windows of 16": ("local_outlier_factor", Windows(16)),
    "knn, windows of 16": ("knn", Windows(16)),
    "mcd, windows of 40": ("mcd", Windows(40)),
    "ecod, windows of 16": ("ecod", Windows(16)),
}


def value_of(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """NAB's scaled sigmoid: near 1 at a window's left edge (-1), 0 at its right (0), -1 far behind it."""
    return np.where(position > FAR_BEHIND, -1.0, 2.0 / (1.0 + np.exp(5.0 * position)) - 1.0)


class LabelledSeries:
    """One file of NAB: its values, and what a detection in each row is worth."""

    def __init__(self, folder: Path, name: str, windows: Sequence[Sequence[str]]) -> None:
        self.name = name
        table = pl.read_csv(folder / f"{name}.csv")
        self.frame = table
        times = table["timestamp"].to_list()
        n = len(times)
        self.probation = min(int(PROBATION_SHARE * n), int(PROBATION_SHARE * PROBATION_ROWS))
        self.n_windows = len(windows)
        self.window = np.full(n, -1)
        position = np.full(n, np.inf)
        for number, (start, end) in enumerate(windows):
            inside = np.flatnonzero([start[:19] <= time <= end[:19] for time in times])
            first, last = inside[0], inside[-1]
            width = last - first + 1
            after = np.arange(last + 1, n)
            position[after] = (after - last) / (width - 1)
            position[inside] = -(last - inside + 1) / width
            self.window[inside] = number
        self.value = value_of(position)

    def gains(self, scores: NDArray[np.float64]) -> list[tuple[float, float]]:
        """(score, gain) for every row that changes NAB's sum once the threshold falls to its score."""
        best_possible = float(value_of(np.array(-1.0)))
        gains: list[tuple[float, float]] = []
        reached = dict.fromkeys(range(self.n_windows), -FALSE_NEGATIVE)
        for row in (np.argsort(-scores[self.probation :], kind="stable") + self.probation).tolist():
            number = int(self.window[row])
            if number < 0:
                gains.append((float(scores[row]), FALSE_POSITIVE * float(self.value[row])))
                continue
            worth = TRUE_POSITIVE * float(self.value[row]) / best_possible
            if worth > reached[number]:
                gains.append((float(scores[row]), worth - reached[number]))
                reached[number] = worth
        return gains


def nab_score(series: Sequence[LabelledSeries], scores: Sequence[NDArray[np.float64]]) -> float:
    """NAB's score at the best threshold: 0 for no detections at all, 100 for perfect ones."""
    gains = sorted(
        (gain for each, own in zip(series, scores, strict=True) for gain in each.gains(own)),
        key=lambda gain: -gain[0],
    )
    n_windows = sum(each.n_windows for each in series)
    total = best = 0.0
    for at, (score, gain) in enumerate(gains):
        total += gain
        # Rows of equal score are detected together.
        if at + 1 == len(gains) or gains[at + 1][0] != score:
            best = max(best, total)
    return 100.0 * best / (n_windows * (TRUE_POSITIVE + FALSE_NEGATIVE))


def published_nab(path: Path, n_windows: int) -> dict[str, float]:
    """NAB's score of every published detector on the same files."""
    sums: defaultdict[str, float] = defaultdict(float)
    with path.open() as file:
        for row in csv.DictReader(file):
            if row["metric"] == "NAB_raw_score_standard":
                sums[row["algorithm"]] += float(row["value"])
    return {name: 100.0 * (total + n_windows) / (2 * n_windows) for name, total in sums.items()}


def f1(labels: NDArray[np.int64], predictions: NDArray[np.int8]) -> float:
    """The harmonic mean of precision and recall, 0 without a true positive."""
    hits = int(((labels == 1) & (predictions == 1)).sum())
    return 2 * hits / (int(labels.sum()) + int(predictions.sum()))


def measured_nab(
    folder: Path, seeds: Sequence[int], labels: Collection[str]
) -> tuple[dict[str, list[float]], int]:
    """NAB's score of every method for every seed, and the number of labelled windows."""
    labelled = json.loads((folder / "windows.json").read_text())
    series = [LabelledSeries(folder, name, each["windows"]) for name, each in labelled.items()]

    def score(algorithm: str, windows: Windows | None, seed: int) -> float:
        scores = [
            fit_series(
                each.frame, timestamp_column="timestamp", algorithm=algorithm, windows=windows, seed=seed
            ).training.scores
            for each in series
        ]
        return nab_score(series, scores)

    return over_methods(score, seeds, labels), sum(each.n_windows for each in series)


def measured_skab(folder: Path, seeds: Sequence[int], labels: Collection[str]) -> dict[str, list[float]]:
    """Mean F1 over the labelled experiments of every method for every seed."""
    tables = skab_tables(folder)

    def score(algorithm: str, windows: Windows | None, seed: int) -> float:
        reached = []
        for table in tables:
            labels = table["anomaly"].cast(pl.Int64).to_numpy()
            found = fit_series(
                table.drop("anomaly", "changepoint"),
                timestamp_column="datetime",
                algorithm=algorithm,
                windows=windows,
                contamination=float(labels.mean()),
                seed=seed,
            )
            reached.append(f1(labels, found.training.predictions))
        return float(np.mean(reached))

    return over_methods(score, seeds, labels)


def skab_tables(folder: Path) -> list[pl.DataFrame]:
    """The labelled experiments."""
    return [
        pl.read_csv(path, separator=";")
        for path in sorted(folder.glob("*.csv"))
        if path.name != "anomaly-free.csv"
    ]


def measured_after_normal_rows(
    folder: Path, seeds: Sequence[int], labels: Collection[str]
) -> dict[str, list[float]]:
    """Mean F1 by SKAB's own protocol, of what was fitted on the normal rows at the beginning."""

    def score(algorithm: str, windows: Windows | None, seed: int) -> float:
        detector = registry.get(algorithm).detector()
        assert isinstance(detector, OrderedDetector)
        assert windows is None
        reached = []
        for each in skab_tables(folder):
            rows = each.drop("anomaly", "changepoint", "datetime").to_numpy().astype(np.float64)
            fitted, found = detector.fit_series([rows[:NORMAL_ROWS]], seed)
            threshold = NORMAL_FACTOR * np.quantile(found.raw, NORMAL_QUANTILE)
            predictions = (fitted.score_series(rows).raw > threshold).astype(np.int8)
            reached.append(f1(each["anomaly"].cast(pl.Int64).to_numpy(), predictions))
        return float(np.mean(reached))

    return over_methods(score, seeds, set(labels) & {"lstm_autoencoder"})


def over_methods(
    score: Callable[[str, Windows | None, int], float],
    seeds: Sequence[int],
    labels: Collection[str],
) -> dict[str, list[float]]:
    """The methods of these labels that can run here, with one figure per seed; one where no seed matters."""
    reached = {}
    for label, (algorithm, windows) in METHODS.items():
        if label not in labels:
            continue
        spec = registry.get(algorithm)
        if spec.available:
            chosen = seeds if "seeded" in spec.capabilities else seeds[:1]
            reached[label] = [score(algorithm, windows, seed) for seed in chosen]
        else:
            print(f"{label} is left out: the extra {spec.extra} is not installed", file=sys.stderr)
    return reached


def table(title: str, ours: dict[str, list[float]], theirs: dict[str, float], digits: int) -> None:
    """Print the figures, best first; published ones are in brackets."""
    rows = [(float(np.mean(each)), name, f"{np.std(each):.{digits}f}") for name, each in ours.items()]
    rows += [(figure, f"({name})", "") for name, figure in theirs.items()]
    print(f"\n{title}\n\n| method | score | deviation over seeds |\n| --- | --- | --- |", flush=True)
    for figure, name, deviation in sorted(rows, reverse=True):
        print(f"| {name} | {figure:.{digits}f} | {deviation} |")


def written(
    nab: dict[str, list[float]],
    skab: dict[str, list[float]],
    after_normal: dict[str, list[float]],
    theirs: dict[str, float],
) -> None:
    """Put the means into the page of the algorithms."""

    def mean_of(reached: dict[str, list[float]], label: str, digits: int) -> str:
        return f"{np.mean(reached[label]):.{digits}f}" if label in reached else ""

    rows = [
        (label, mean_of(nab, label, 1), mean_of(skab, label, 2), mean_of(after_normal, label, 2))
        for label in nab
    ]
    rows += [(f"({name})", f"{figure:.1f}", "", "") for name, figure in theirs.items()]
    put_rows("series", HEAD, rows, keys=1, page=DOCS / "algorithms.md")


def main() -> None:
    """Measure, print, and with `--write` renew the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder with nab/, skab/ and published.csv")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default 3)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, metavar="NAME", help="only these")
    parser.add_argument("--write", action="store_true", help="write docs/algorithms.md")
    options = parser.parse_args()
    if not (options.data / "nab" / "windows.json").is_file():
        print(f"Nothing is measured: there are no labelled series under {options.data}; say --data FOLDER.")
        return
    labels = options.methods or list(METHODS)
    seeds = [1_000 * seed for seed in range(options.seeds)]
    skab = options.data / "skab"
    after_normal = measured_after_normal_rows(skab, seeds, labels)
    table("SKAB, F1, fitted on the first rows", after_normal, {"LSTM autoencoder, all files": 0.74}, 3)
    on_all_rows = measured_skab(skab, seeds, labels)
    table("SKAB, F1, fitted on all rows", on_all_rows, {}, 3)
    ours, n_windows = measured_nab(options.data / "nab", seeds, labels)
    theirs = published_nab(options.data / "published.csv", n_windows)
    table("NAB, standard profile", ours, theirs, 1)
    if options.write:
        written(ours, on_all_rows, after_normal, theirs)


if __name__ == "__main__":
    main()
