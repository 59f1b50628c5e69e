"""How good the engine's estimates of its own work are: estimated seconds beside measured ones.

    python benchmarks/estimates.py [--algorithms NAME ...] [--write]

Every algorithm is fitted once on each of a few tables of normal numbers, with its defaults and with
parameters that ask for much. Seconds are of the processor. What a request may take is decided by the
estimates (`detectors/estimates.py`), whose figures this program is there to set. `--write` puts the table in
docs/engine-performance.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from pynomaly_server.detectors import estimates, registry
from pynomaly_server.detectors.ordered.interface import ORDERED, OrderedDetector

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page import put_rows

TABLES: Final = ((1_000, 10), (10_000, 10), (2_000, 100), (500, 300))
# Beside the defaults, where parameters decide what an algorithm takes.
HEAVY: Final[dict[str, dict[str, Any]]] = {
    "abod": {"n_neighbors": 60},
    "cblof": {"n_clusters": 64},
    "extended_isolation_forest": {"extension_level": 9, "max_samples": 1024},
    "gmm": {"n_components": 8},
    "inne": {"max_samples": 32},
    "isolation_forest": {"n_estimators": 500, "max_samples": 1024},
    "kde": {"max_samples": 10_000},
    "knn": {"bagging": False},
    "local_outlier_factor": {"bagging": False},
    "loda": {"n_projections": 1_000},
    "one_class_svm": {"n_subsamples": 20},
}
# What an estimate above this says would take too long to measure here.
LONGEST: Final = 30.0
HEAD: Final = ("algorithm", *(f"{rows:,} x {columns}" for rows, columns in TABLES))


def main() -> None:
    """Measure and print a line per algorithm and set of parameters."""
    arguments = _arguments()
    lines = []
    for spec in registry.all():
        if not spec.available or (arguments.algorithms and spec.name not in arguments.algorithms):
            continue
        for parameters in ({}, HEAVY[spec.name]) if spec.name in HEAVY else ({},):
            named = ", ".join([spec.name, *(f"{key} {value}" for key, value in parameters.items())])
            lines.append((named, *(_cell(spec.name, parameters, *table) for table in TABLES)))
            print("  ".join(lines[-1]), flush=True)
    if arguments.write:
        put_rows("estimates", HEAD, lines, keys=1)


def _cell(name: str, parameters: dict[str, Any], rows: int, columns: int) -> str:
    estimated = estimates.seconds(name, parameters, rows, columns)
    if estimated > LONGEST:
        return f"{estimated:.3g} s, not run"
    table = np.random.default_rng(0).normal(size=(rows, columns))
    spec = registry.get(name)
    # Compiles what has to be.
    _fit(spec.name, parameters, table[:50])
    began = time.process_time()
    _fit(spec.name, parameters, table)
    return f"{estimated:.3g} s, took {time.process_time() - began:.3g} s"


def _fit(name: str, parameters: dict[str, Any], table: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    spec = registry.get(name)
    detector = spec.detector(parameters)
    if ORDERED in spec.capabilities:
        assert isinstance(detector, OrderedDetector)
        detector.fit_series([table], 0)
    else:
        detector.fit(table, 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--algorithms", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--write", action="store_true", help="write docs/engine-performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
