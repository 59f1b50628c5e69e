"""Scores of networks that draw rows anew: how far what they draw is from the row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pynomaly_server.detectors.base import FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.deep.dense import DenseNetwork
from pynomaly_server.detectors.scaling import Scaling


@dataclass(frozen=True)
class FittedReconstruction(FittedDetector):
    """A network from rows to rows; the raw score is the Euclidean distance of a standardised row from its
    reconstruction, >= 0.
    """

    scaling: Scaling
    network: DenseNetwork
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Distances, float64 [n], of rows from what the network makes of them."""
        return distances(self.network, self.scaling.apply(as_matrix(X)))


def distances(network: DenseNetwork, rows: FloatArray) -> FloatArray:
    """Euclidean distances, float64 [n], of standardised rows, float64 [n, d], from their reconstructions."""
    errors = network.forward(rows) - rows
    lengths: FloatArray = np.sqrt((errors * errors).sum(axis=1))
    return lengths
