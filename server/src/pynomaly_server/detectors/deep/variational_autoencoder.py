"""Variational autoencoder (Kingma, Welling 2014; An, Cho 2015): one whose narrow layer is drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray, random_state
from pynomaly_server.detectors.deep.options import dropout, number, plan, training_options, units
from pynomaly_server.detectors.deep.reconstruction import FittedReconstruction, distances
from pynomaly_server.detectors.deep.training import Layers, Plan, minimise, one_thread
from pynomaly_server.detectors.parameters import schema_of
from pynomaly_server.detectors.scaling import standard_scaling

_WEIGHT_DECAY = 1e-5

# Bounds of the logarithm of a latent variance, beyond which its exponential leaves single precision.
_LOG_VARIANCE = (-30.0, 20.0)


@dataclass(frozen=True, slots=True)
class VariationalAutoencoderDetector(Detector):
    """A variational autoencoder before it has seen data.

    Layers and first weights are those of PyOD's VAE; training and score are not. PyOD draws the latent
    values at random when it scores as well, so that no two scores of a row agree, and clips the divergence of
    the latent distribution from the standard normal to its `capacity`, 0 unless set, so that it never
    counts. Here a row is scored at the mean of its latent distribution, and the divergence counts
    `divergence_weight` times (the beta of Higgins and others, 2017).
    """

    hidden_units: int
    latent_units: int
    divergence_weight: float
    dropout: float
    training: Plan

    def fit(self, X: FloatArray, seed: int) -> FittedReconstruction:  # noqa: N803
        """Train on the evidence lower bound, with normal errors of variance 1 in standardised columns."""
        import torch

        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        random = np.random.default_rng(random_state(seed))
        d, wide, half, quarter = X.shape[1], *_narrowing(self.hidden_units)
        with one_thread():
            encoder = Layers((d, wide, half, quarter), (True,) * 3, random, dropout=self.dropout)
            mean_layer = Layers((quarter, self.latent_units), (False,), random)
            variance_layer = Layers((quarter, self.latent_units), (False,), random)
            decoder = Layers(
                (self.latent_units, quarter, half, wide, d),
                (True, True, True, False),
                random,
                dropout=self.dropout,
            )

            def loss(batch: torch.Tensor) -> torch.Tensor:
                hidden = encoder.forward(batch, training=True)
                mean = mean_layer.forward(hidden, training=True)
                log_variance = torch.clamp(variance_layer.forward(hidden, training=True), *_LOG_VARIANCE)
                noise = torch.from_numpy(random.standard_normal(tuple(mean.shape), dtype=np.float32))
                drawn = decoder.forward(mean + noise * torch.exp(log_variance / 2), training=True)
                error = torch.sum((drawn - batch) ** 2, dim=1) / 2
                divergence = torch.sum(mean**2 + torch.exp(log_variance) - log_variance - 1, dim=1) / 2
                return torch.mean(error + self.divergence_weight * divergence)

            parts = (encoder, mean_layer, variance_layer, decoder)
            minimise(loss, [each for part in parts for each in part.parameters], rows, self.training, random)
        network = encoder.network().then(mean_layer.network()).then(decoder.network())
        return FittedReconstruction(scaling, network, distances(network, rows), d)


def _narrowing(widest: int) -> tuple[int, int, int]:
    return widest, max(1, widest // 2), max(1, widest // 4)


SPEC = AlgorithmSpec(
    name="variational_autoencoder",
    title="Variational autoencoder",
    description=(
        "An autoencoder that places every row in a cloud of a few numbers rather than at a point, which "
        "keeps it from learning rows by heart. For many rows whose columns depend on each other."
    ),
    reference="An, Cho: Variational Autoencoder based Anomaly Detection, 2015",
    aliases=("vae",),
    parameters=schema_of(
        hidden_units=units(
            "Units of the widest layers; the layers between have a half and a quarter of them.", default=128
        ),
        latent_units=units("Numbers that a row is drawn anew from.", default=8),
        divergence_weight=number(
            "How much it counts that the latent numbers stray from a standard normal distribution.",
            default=0.1,
            minimum=0,
            maximum=100,
        ),
        dropout=dropout(),
        **training_options(epochs=20, learning_rate=1e-3),
    ),
    capabilities=("inductive", "seeded"),
    cost="high",
    complexity="O(epochs * n * (d + hidden_units) * hidden_units) to fit, the same without epochs to score",
    min_rows=3,
    make=lambda values: VariationalAutoencoderDetector(
        values["hidden_units"],
        values["latent_units"],
        values["divergence_weight"],
        values["dropout"],
        plan(values, weight_decay=_WEIGHT_DECAY),
    ),
    extra="deep",
    needs=("torch",),
    loads_late=True,
)
