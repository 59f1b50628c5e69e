"""An algorithm of your own, on the payments of the other examples; needs the server's package, no server.

It looks at every column alone and asks how far a value is from the few nearest to it in training, so that a
gap in the middle is as odd as a value at the end. Offered as an entry point of an installed package it would
be one of the server's algorithms ([own detectors](../docs/own-detectors.md)).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.detectors import BaseAnomalyDetector, register_algorithm, registry
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.reading import read_table

PAYMENTS = Path(__file__).parent / "transactions.csv"


@register_algorithm
class LonelyValues(BaseAnomalyDetector):
    """Scores a row by its loneliest value."""

    name = "lonely_values"
    title = "Lonely values"
    description = "How far a row's values are from the nearest ones in training, column by column."
    reference = "An example of this repository, 2026"
    aliases = ("lonely",)
    cost = "low"
    complexity = "O(n * neighbours * d)"
    parameters = schema_of(
        n_neighbors=integer("Values that keep a value company.", default=4, minimum=2, maximum=50)
    )

    def __init__(self, n_neighbors: int) -> None:
        self.n_neighbors = n_neighbors

    def fit(self, X: NDArray[np.float64]) -> None:  # noqa: N803 - the field's name for a matrix of rows
        """Keep every column's values in order, and how far they spread."""
        # Dividing by the largest value first keeps huge numbers from overflowing.
        largest = np.abs(X).max(axis=0)
        self.unit_ = np.where(largest > 0, largest, 1.0)
        self.values_ = np.sort(X / self.unit_, axis=0)
        spread = np.abs(self.values_ - np.median(self.values_, axis=0)).mean(axis=0)
        self.spread_ = np.where(spread > 1e-9, spread, 1.0)

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: N803
        """How lonely the loneliest value of each row is."""
        lonely: NDArray[np.float64] = np.zeros(X.shape)
        count = min(self.n_neighbors, len(self.values_))
        for column in range(X.shape[1]):
            values, known = X[:, column] / self.unit_[column], self.values_[:, column]
            nearest = np.full(len(X), np.inf)
            at = np.searchsorted(known, values)
            # The nearest few lie in one run of neighbours; the run's farther end is what counts.
            for first in range(-count, 1):
                left = np.clip(at + first, 0, len(known) - count)
                farther = np.maximum(np.abs(values - known[left]), np.abs(known[left + count - 1] - values))
                nearest = np.minimum(nearest, farther)
            lonely[:, column] = np.minimum(nearest / self.spread_[column], 1e30)
        loneliest: NDArray[np.float64] = lonely.max(axis=1)
        return loneliest


def main() -> None:
    """Fit it on the payments, explain what it finds, and let it vote with others."""
    frame = read_table(PAYMENTS.read_bytes(), "text/csv", UNLIMITED)
    fitted = fit_pipeline(frame, algorithm="lonely", contamination=0.01)
    first = np.argsort(-fitted.training.scores, kind="stable")[:3].tolist()
    for row, reasons in zip(first, fitted.explain(frame, first), strict=True):
        why = reasons[0]
        print(
            f"{frame['transaction_id'][row]}: score {fitted.training.scores[row]:.2f}, {why.feature} is "
            f"{why.value} where {why.expected} is usual ({why.contribution:.0%})"
        )

    voted = fit_pipeline(
        frame, algorithm="ensemble", parameters={"methods": ["lonely_values", "ecod"]}, contamination=0.01
    )
    both = np.flatnonzero(fitted.training.predictions & voted.training.predictions)
    print(f"{len(both)} of {fitted.training.n_anomalies} anomalies are so with ecod voting, too")
    print("listed as:", registry.get("lonely").title)


if __name__ == "__main__":
    main()
