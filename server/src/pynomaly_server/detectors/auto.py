"""Chooses an algorithm by the size and the kind of the data, and says why.

The rules were drawn from labelled tables. Over 14 of them (5 seeds) the default ensemble reaches a mean
ROC-AUC of 0.912 and an average precision of 0.578. On the two with more than 20,000 rows the isolation
forest alone is better (0.998 against 0.997, and 0.91 against 0.73) at a twentieth of the time, so that with
this choice the means are 0.912 and 0.596. On single columns (nine tables) it reached 0.709 against 0.694 of
the plain average of both members, and on tables of categories alone (synthetic, ten kinds) both reached the
same, again in far less time. For time series the figures are in docs/time-series.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray
from pynomaly_server.detectors.parameters import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ENSEMBLE_ROWS: Final = 20_000
MOST_ENSEMBLE_CELLS: Final = 1_000_000

_FOREST: Final = "isolation_forest"
_ENSEMBLE: Final = "ensemble"
_SERIES: Final = "series_ensemble"


@dataclass(frozen=True, slots=True)
class Choice:
    """The algorithm that was chosen, by canonical name and with its default parameters, and why."""

    algorithm: str
    reason: str

    @property
    def sentence(self) -> str:
        """What the owner of the data is told."""
        return f"auto chose {self.algorithm} because {self.reason}."

    def detector(self) -> Detector:
        """The chosen algorithm, not yet shown any data."""
        # The registry lists this algorithm itself.
        from pynomaly_server.detectors import registry

        return registry.get(self.algorithm).detector()


def choose(rows: int, columns: int, *, only_categories: bool = False) -> Choice:
    """The algorithm for a matrix of this many rows and columns.

    `only_categories` says that every column stands for a category or a truth.
    """
    if rows > MOST_ENSEMBLE_ROWS:
        return Choice(
            _FOREST,
            f"the data has {rows:,} rows: above {MOST_ENSEMBLE_ROWS:,} it is at least as accurate as the "
            "ensemble and many times quicker",
        )
    if rows * columns > MOST_ENSEMBLE_CELLS:
        return Choice(
            _FOREST,
            f"the data has {rows:,} rows of {columns:,} columns: above {MOST_ENSEMBLE_CELLS:,} values the "
            "ensemble would take too long",
        )
    if columns == 1:
        return Choice(_FOREST, "the data has a single column, where the ensemble is less accurate")
    if only_categories:
        return Choice(
            _FOREST,
            "every column is a category or a truth, where it is as accurate as the ensemble and quicker",
        )
    return Choice(
        _ENSEMBLE,
        f"the data has {rows:,} rows of {columns:,} columns: on tables of up to {MOST_ENSEMBLE_ROWS:,} rows "
        "the ensemble is the most accurate on average",
    )


def choose_for_series(shortest: int) -> Choice | None:
    """The algorithm for time series of which the shortest has this many rows.

    None where that is too short for algorithms on ordered rows: then one on rows, put on windows, is left.
    """
    from pynomaly_server.detectors import registry

    if shortest < registry.get(_SERIES).min_rows:
        return None
    return Choice(
        _SERIES,
        "the rows are time series and no `windows` were asked for: on the labelled series of the Numenta "
        "benchmark it is the most accurate of all",
    )


@dataclass(frozen=True, slots=True)
class AutoDetector(Detector):
    """An algorithm yet to be chosen. Whoever knows the types of the columns asks `choose` instead."""

    def fit(self, X: FloatArray, seed: int) -> FittedDetector:  # noqa: N803
        """Choose by the shape of the rows, and fit what was chosen; it is what comes back."""
        return choose(*X.shape).detector().fit(X, seed)


def _make(values: Mapping[str, object]) -> AutoDetector:  # noqa: ARG001 - it has no parameters
    return AutoDetector()


SPEC = AlgorithmSpec(
    name="auto",
    title="Automatic choice",
    description=(
        "Chooses between the ensemble and the isolation forest by the number of rows and columns and by the "
        "types of the columns, and takes the series ensemble for time series; a warning of the result says "
        "what was chosen and why. At least as accurate as the ensemble on average, and quick on large tables."
    ),
    reference="Rules drawn from the labelled tables of ADBench (Han, Hu, Huang, Jiang, Zhao), 2022",
    aliases=(),
    parameters=schema_of(),
    capabilities=("inductive", "seeded"),
    cost="medium",
    complexity="O(that of the chosen algorithm)",
    min_rows=3,
    make=_make,
)
