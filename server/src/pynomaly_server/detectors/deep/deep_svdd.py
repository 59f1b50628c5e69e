"""Deep support vector data description (Ruff and others 2018): rows far from the centre they are drawn to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedDetector,
    FloatArray,
    as_matrix,
    random_state,
)
from pynomaly_server.detectors.deep.dense import DenseNetwork
from pynomaly_server.detectors.deep.options import plan, training_options, units
from pynomaly_server.detectors.deep.training import Layers, Plan, minimise, one_thread
from pynomaly_server.detectors.parameters import schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

_WEIGHT_DECAY = 0.5e-6

# The least distance of a coordinate of the centre from zero, which weights of zero would reach (Ruff's code).
_LEAST_COORDINATE = 0.1


@dataclass(frozen=True)
class FittedDeepSvdd(FittedDetector):
    """A network and the centre, float64 [outputs], of the sphere that it maps rows into.

    The raw score is the squared Euclidean distance of a row's image from the centre, >= 0.
    """

    scaling: Scaling
    network: DenseNetwork
    centre: FloatArray
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Squared distances, float64 [n], of the images of rows from the centre."""
        return _squared_distances(self.network, self.centre, self.scaling.apply(as_matrix(X)))


@dataclass(frozen=True, slots=True)
class DeepSvddDetector(Detector):
    """A deep support vector data description before it has seen data.

    Layers, first weights, loss, centre and score are those of PyOD's DeepSVDD. PyOD's own training is not
    used: it shuffles with, and seeds, the generators of the whole process.
    """

    hidden_units: int
    output_units: int
    training: Plan

    def fit(self, X: FloatArray, seed: int) -> FittedDeepSvdd:  # noqa: N803
        """Fix the centre at the mean image of the rows under the first weights, then draw the rows to it."""
        import torch

        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        random = np.random.default_rng(random_state(seed))
        with one_thread():
            # Without biases: with them every row could be mapped onto the centre.
            layers = Layers(
                (X.shape[1], self.hidden_units, self.output_units), (True, True), random, biased=False
            )
            centre = _centre(layers.network().forward(rows))
            target = torch.from_numpy(centre.astype(np.float32))
            minimise(
                lambda batch: torch.mean(((layers.forward(batch, training=True) - target) ** 2).sum(dim=1)),
                layers.parameters,
                rows,
                self.training,
                random,
            )
        network = layers.network()
        scores = _squared_distances(network, centre, rows)
        return FittedDeepSvdd(scaling, network, centre, scores, X.shape[1])


def _centre(images: FloatArray) -> FloatArray:
    mean = images.mean(axis=0)
    centre: FloatArray = np.copysign(np.maximum(np.abs(mean), _LEAST_COORDINATE), mean)
    return centre


def _squared_distances(network: DenseNetwork, centre: FloatArray, rows: FloatArray) -> FloatArray:
    away = network.forward(rows) - centre
    squares: FloatArray = (away * away).sum(axis=1)
    return squares


SPEC = AlgorithmSpec(
    name="deep_svdd",
    title="Deep support vector data description",
    description=(
        "Trains a neural network that draws all rows to one point; rows that stay far from it are unlike the "
        "others. Meant for data with few anomalies in it: many of them teach it that they are normal."
    ),
    reference="Ruff and others: Deep One-Class Classification, 2018",
    aliases=("svdd", "deepsvdd"),
    parameters=schema_of(
        hidden_units=units("Units of the first layer.", default=64),
        output_units=units("Units of the second layer, in which the sphere lies.", default=32),
        **training_options(epochs=20, learning_rate=1e-4),
    ),
    capabilities=("inductive", "seeded"),
    cost="high",
    complexity="O(epochs * n * (d + output_units) * hidden_units) to fit, the same without epochs to score",
    min_rows=3,
    make=lambda values: DeepSvddDetector(
        values["hidden_units"], values["output_units"], plan(values, weight_decay=_WEIGHT_DECAY)
    ),
    extra="deep",
    needs=("torch",),
    loads_late=True,
)
