"""How often explanations name the feature that was planted first, for every algorithm on rows.

    python benchmarks/explanations.py [--cases N] [--algorithms NAME ...] [--write]

A table has 500 rows of normal or log-normal numbers; in half of the kinds its columns share a part. A planted
row is ordinary (between the quantiles 0.02 and 0.98 of every column) but for one feature, which lies 8
standard deviations above or below that column's mean. Of each table twelve such rows are among the rows that
are fitted on and twelve are not; both are explained, and it is counted how often the planted feature has the
largest contribution. `--write` puts the shares, in per cent, in docs/algorithms.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.explain import background, contributions

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page import DOCS, put_rows

Matrix = NDArray[np.float64]

ROWS: Final = 500
PLANTED: Final = 12
DEVIATIONS: Final = 8
# Title of a kind of table: columns, share of what they have in common, whether exponentials are taken.
KINDS: Final[dict[str, tuple[int, float, bool]]] = {
    "normal": (20, 0.0, False),
    "normal, correlated": (20, 0.64, False),
    "log-normal": (20, 0.0, True),
    "log-normal, correlated": (20, 0.64, True),
    "log-normal, 60 columns": (60, 0.0, True),
}
VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "knn, bagging off": {"bagging": False},
    "local_outlier_factor, bagging off": {"bagging": False},
}
HEAD: Final = ("algorithm", *KINDS)


def main() -> None:
    """Count, and print a line per algorithm."""
    arguments = _arguments()
    lines = []
    for name in arguments.algorithms or _names():
        lines.append((name, *(_cell(name, *kind, arguments.cases) for kind in KINDS.values())))
        print("  ".join(lines[-1]), flush=True)
    if arguments.write:
        put_rows("explanations", HEAD, lines, keys=1, page=DOCS / "algorithms.md")


def table(rows: int, columns: int, shared: float, exponentials: bool, chance: np.random.Generator) -> Matrix:
    """Rows of columns that have the share `shared` of their variance in common, float64 [rows, columns]."""
    own, common = chance.normal(size=(rows, columns)), chance.normal(size=(rows, 1))
    mixed = np.sqrt(1 - shared) * own + np.sqrt(shared) * common
    return np.exp(mixed) if exponentials else mixed


def _cell(name: str, columns: int, shared: float, exponentials: bool, cases: int) -> str:
    spec = registry.get(name.split(",", maxsplit=1)[0])
    named = np.zeros(2)
    for case in range(cases):
        chance = np.random.default_rng([case, columns])
        rows = table(ROWS + 2 * PLANTED, columns, shared, exponentials, chance)
        odd = chance.integers(columns, size=2 * PLANTED)
        planted = np.clip(rows[: 2 * PLANTED], *np.quantile(rows, [0.02, 0.98], axis=0))
        side = chance.choice([-1, 1], size=odd.size)
        far = rows.mean(axis=0)[odd] + side * DEVIATIONS * rows.std(axis=0)[odd]
        planted[np.arange(odd.size), odd] = far
        fitted_on = np.vstack([planted[:PLANTED], rows[2 * PLANTED :]])
        fitted = spec.fit(fitted_on, VARIANTS.get(name, {}), case)
        usual = background(fitted_on, [[column] for column in range(columns)])
        first = contributions(fitted, planted, usual).argmax(axis=1) == odd
        named += first[:PLANTED].sum(), first[PLANTED:].sum()
    of_seen, of_unseen = 100 * named / (cases * PLANTED)
    return f"{of_seen:.0f} / {of_unseen:.0f}"


def _names() -> list[str]:
    names = [spec.name for spec in registry.of_rows() if spec.extra is None]
    return sorted([*names, *VARIANTS])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--cases", type=int, default=20, help="tables of each kind; twelve rows count")
    parser.add_argument("--algorithms", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--write", action="store_true", help="write docs/algorithms.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
