"""Autoencoder (Hawkins, He, Williams, Baxter 2002): rows that a narrow network cannot draw anew are odd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray, random_state
from pynomaly_server.detectors.deep.options import dropout, plan, training_options, units
from pynomaly_server.detectors.deep.reconstruction import FittedReconstruction, distances
from pynomaly_server.detectors.deep.training import Layers, Plan, minimise, one_thread
from pynomaly_server.detectors.parameters import schema_of
from pynomaly_server.detectors.scaling import standard_scaling

_WEIGHT_DECAY = 1e-5


@dataclass(frozen=True, slots=True)
class AutoencoderDetector(Detector):
    """An autoencoder before it has seen data.

    The layers, their first weights, the loss and the score are those of PyOD's AutoEncoder without batch
    normalisation. PyOD's own training is not used: it seeds the generators of the whole process, writes into
    the environment and fails on fewer rows than a batch holds.
    """

    hidden_units: int
    latent_units: int
    dropout: float
    training: Plan

    def fit(self, X: FloatArray, seed: int) -> FittedReconstruction:  # noqa: N803
        """Train the network to give back standardised rows, by least squares."""
        import torch

        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        random = np.random.default_rng(random_state(seed))
        d = X.shape[1]
        with one_thread():
            layers = Layers(
                (d, self.hidden_units, self.latent_units, self.hidden_units, d),
                (True, True, True, False),
                random,
                dropout=self.dropout,
            )
            minimise(
                lambda batch: torch.mean((layers.forward(batch, training=True) - batch) ** 2),
                layers.parameters,
                rows,
                self.training,
                random,
            )
        network = layers.network()
        return FittedReconstruction(scaling, network, distances(network, rows), d)


SPEC = AlgorithmSpec(
    name="autoencoder",
    title="Autoencoder",
    description=(
        "Trains a neural network to draw each row anew from a few numbers; rows that it draws badly do not "
        "follow what the others have in common. For many rows whose columns depend on each other."
    ),
    reference="Hawkins, He, Williams, Baxter: Outlier Detection Using Replicator Neural Networks, 2002",
    aliases=("ae", "auto_encoder"),
    parameters=schema_of(
        hidden_units=units("Units of the layers before and after the narrowest.", default=64),
        latent_units=units("Units of the narrowest layer.", default=32),
        dropout=dropout(),
        **training_options(epochs=30, learning_rate=1e-3),
    ),
    capabilities=("inductive", "seeded"),
    cost="high",
    complexity="O(epochs * n * d * hidden_units) to fit, O(n * d * hidden_units) to score",
    min_rows=3,
    make=lambda values: AutoencoderDetector(
        values["hidden_units"],
        values["latent_units"],
        values["dropout"],
        plan(values, weight_decay=_WEIGHT_DECAY),
    ),
    extra="deep",
    needs=("torch",),
    loads_late=True,
)
