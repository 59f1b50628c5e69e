"""What a million rows do to each algorithm: time, memory, and whether scores come out finite.

    python benchmarks/million.py [--rows N] [--limit SECONDS] [--algorithms NAME ...] [--write]

Every run has a process of its own, so that its peak memory is its own. Three ways are measured:

  sampled   what a job does with the server's defaults: fit on 100,000 rows (or on as many as `--fit-rows`, as
            where PYNOMALY_JOB_FIT_ROWS says so), score all in chunks of 20,000
  whole     fit on all rows at once, as where PYNOMALY_JOB_FIT_ROWS is raised; the fit scores its rows too
  series    an algorithm on ordered rows takes all of them as one series

The rows have 10 columns: normal numbers, of which one is rounded to ties and one constant, with one row in a
hundred far outside. Seconds are of the processor, all threads together, so what else the machine does counts
little. A run that passes the limit is ended and said to be longer. `--write` puts the table in
docs/engine-performance.md; ways or algorithms that were not measured keep their rows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.calibration import calibrate
from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.detectors.ordered.interface import ORDERED, OrderedDetector

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page import put_rows

Matrix = NDArray[np.float64]

SAMPLED, WHOLE, SERIES = "sampled", "whole", "series"
COLUMNS = 10
FIT_ROWS = 100_000
CHUNK_ROWS = 20_000
# Beside the defaults: what costs the square of the rows where a caller asks for it.
VARIANTS: dict[str, dict[str, Any]] = {
    "knn, bagging off": {"bagging": False},
    "local_outlier_factor, bagging off": {"bagging": False},
}
HEAD = ("algorithm", "way", "fit, s", "score, s", "peak memory, MiB", "outcome")


def main() -> int:
    """Measure every algorithm asked for; the exit status is 1 where one failed."""
    arguments = _arguments()
    if arguments.child:
        print(json.dumps(_measured(*arguments.child, arguments.rows, arguments.fit_rows)))
        return 0
    rows, failed = [], False
    for name, way in _runs(arguments.algorithms):
        if arguments.ways and way not in arguments.ways:
            continue
        outcome = _run(name, way, arguments.rows, arguments.fit_rows, arguments.limit)
        failed |= outcome["outcome"].startswith("failed")
        of_fewer = way == SAMPLED and arguments.fit_rows != FIT_ROWS
        rows.append(_line(name, f"{way}, {arguments.fit_rows:,}" if of_fewer else way, outcome))
        print("  ".join(rows[-1]), flush=True)
        if arguments.write:
            put_rows("million", HEAD, rows, keys=2)
    return int(failed)


def rows_of(n: int) -> Matrix:
    """The rows, float64 [n, 10]."""
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(n, COLUMNS))
    rows[::100] += 8.0
    rows[:, -2] = rows[:, -2].round()
    rows[:, -1] = 3.0
    return rows


def _runs(algorithms: list[str] | None) -> list[tuple[str, str]]:
    chosen = []
    for spec in registry.all():
        if not spec.available:
            continue
        ways = (SERIES,) if ORDERED in spec.capabilities else (SAMPLED, WHOLE)
        names = [spec.name, *(name for name in VARIANTS if name.split(",", maxsplit=1)[0] == spec.name)]
        chosen += [(name, way) for name in names for way in ways if not algorithms or name in algorithms]
    return chosen


def _run(name: str, way: str, n: int, fit_rows: int, limit: int) -> dict[str, Any]:
    sizes = ["--rows", str(n), "--fit-rows", str(fit_rows)]
    command = [sys.executable, __file__, *sizes, "--child", name, way]
    done = subprocess.run(  # noqa: S603 - ourselves
        command, capture_output=True, text=True, check=False, preexec_fn=lambda: _limit_processor(limit)
    )
    if done.returncode == 0:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer
    if done.returncode < 0:
        return {"outcome": f"longer than {limit:,} s"}
    return {"outcome": "failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1]}


def _limit_processor(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _measured(name: str, way: str, n: int, fit_rows: int) -> dict[str, Any]:
    spec = registry.get(name.split(",", maxsplit=1)[0])
    parameters = VARIANTS.get(name, {})
    rows = rows_of(n)
    began = time.process_time()
    try:
        if way == SERIES:
            return _on_series(spec.detector(parameters), rows, began)
        sample = rows[np.sort(np.random.default_rng(1).choice(n, min(n, fit_rows), replace=False))]
        fitted = spec.fit(sample if way == SAMPLED else rows, parameters)
    except DetectorError as refused:
        return {"outcome": f"refused: {refused}"}
    calibration = calibrate(fitted.training_scores, 0.01)
    fit = time.process_time() - began
    scores, answer = fitted.training_scores, {"fit": fit}
    if way == SAMPLED:
        chunks = [fitted.score_raw(rows[at : at + CHUNK_ROWS]) for at in range(0, n, CHUNK_ROWS)]
        scores = np.concatenate(chunks)
        answer["score"] = time.process_time() - began - fit
    return answer | _outcome(scores, calibration.predictions(scores))


def _on_series(detector: Any, rows: Matrix, began: float) -> dict[str, Any]:
    assert isinstance(detector, OrderedDetector)
    _, found = detector.fit_series([rows], 0)
    predictions = calibrate(found.raw, 0.01).predictions(found.raw)
    return {"fit": time.process_time() - began} | _outcome(found.raw, predictions)


def _outcome(scores: Matrix, predictions: NDArray[Any]) -> dict[str, Any]:
    if not np.isfinite(scores).all():
        return {"outcome": f"failed: {np.count_nonzero(~np.isfinite(scores))} scores are not finite"}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak": peak, "outcome": f"finite, {predictions.mean():.2%} anomalous"}


def _line(name: str, way: str, outcome: dict[str, Any]) -> tuple[str, ...]:
    figures = [
        f"{outcome[key]:,.{digits}f}" if key in outcome else ""
        for key, digits in (("fit", 1), ("score", 1), ("peak", 0))
    ]
    return (name, way, *figures, outcome["outcome"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="a million unless said")
    parser.add_argument("--fit-rows", type=int, default=FIT_ROWS, help="rows that `sampled` fits on")
    parser.add_argument("--ways", nargs="+", choices=(SAMPLED, WHOLE, SERIES), help="only these ways")
    parser.add_argument("--limit", type=int, default=600, help="processor seconds a run may take")
    parser.add_argument(
        "--algorithms", nargs="+", metavar="NAME", help="only these; the variants by their names"
    )
    parser.add_argument("--write", action="store_true", help="write docs/engine-performance.md")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "WAY"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
