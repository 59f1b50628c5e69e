"""LSTM autoencoder (Malhotra and others 2016): stretches of a series that a recurrent network cannot redraw.

The network learns to draw windows of consecutive rows anew from a few numbers. The raw score of a point is
the root of the mean, over all windows that hold the point, of the squared Mahalanobis distance of its error
from none at all, among the errors of training: as in the paper, errors that go together, such as those of
sensors that follow one load, count once, and a column that is mostly drawn well counts as soon as it is not.
Expected value: the mean of what the windows draw there; bounds are three robust deviations of the training
errors on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pynomaly_server.detectors.base import AlgorithmSpec, FloatArray, as_matrix, random_state
from pynomaly_server.detectors.deep.options import plan, training_options, units
from pynomaly_server.detectors.deep.recurrent import Redrawn, SequenceAutoencoder
from pynomaly_server.detectors.deep.training import Plan, SequenceLayers, minimise, one_thread
from pynomaly_server.detectors.gaussian.moments import whitening_of
from pynomaly_server.detectors.ordered.interface import (
    ORDERED,
    Bands,
    FittedOrderedDetector,
    OrderedDetector,
    SeriesScores,
    TooShortSeries,
)
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_WEIGHT_DECAY = 1e-6
_MAD_TO_DEVIATION = 1.4826

# Added to the variance of every column's errors: this share of the mean variance, so that columns which
# always err alike do not make other patterns infinitely odd, and enough where the network never errs.
_RIDGE = 1e-3
_LEAST_RIDGE = 1e-12

_DEVIATIONS = 3.0

# Windows that each epoch shows; a longer series is learnt from a sample of its windows.
_TRAINING_WINDOWS = 8192


@dataclass(frozen=True)
class FittedLstmAutoencoder(FittedOrderedDetector):
    """A network that redraws windows, and how it errs on the rows it was trained on.

    `whitening`, float64 [d, d]: W of C^-1 = W W', C being the second moments of the errors; `spread` and
    `deviation`, float64 [d]: their root mean square and their robust deviation by column.
    """

    scaling: Scaling
    network: SequenceAutoencoder
    whitening: FloatArray
    spread: FloatArray
    deviation: FloatArray
    training_scores: FloatArray
    n_features: int

    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score every point of one series; the raw score is a distance in deviations, >= 0.

        Raises:
            TooFewRows: the series is shorter than a window.
        """
        rows = as_matrix(X)
        _check_lengths([rows], self.network.length)
        standard = self.scaling.apply(rows)
        return self.scored(standard, self.network.reconstruct(standard, self.whitening))

    def scored(self, rows: FloatArray, redrawn: Redrawn) -> SeriesScores:
        """Standardised points, float64 [n, d], that the network draws so."""
        drawn = redrawn.drawn
        squares = np.square((drawn - rows) / self.spread)

        def parts(positions: NDArray[np.int64]) -> FloatArray:
            return squares[positions]

        margin = _DEVIATIONS * self.deviation
        bands = Bands(*(self._in_own_units(each) for each in (drawn, drawn - margin, drawn + margin)))
        return SeriesScores(np.sqrt(redrawn.squares), bands, parts)

    def _in_own_units(self, rows: FloatArray) -> FloatArray:
        largest = np.finfo(np.float64).max
        with np.errstate(over="ignore"):
            own = (rows * self.scaling.scale + self.scaling.centre) * self.scaling.magnitude
        clipped: FloatArray = np.clip(own, -largest, largest)
        return clipped


@dataclass(frozen=True, slots=True)
class LstmAutoencoderDetector(OrderedDetector):
    """An LSTM autoencoder before it has seen data.

    PyOD has none. The layers are those of the paper, with one difference: the decoder is given the encoder's
    last state at every step, not the row it drew last.
    """

    window: int
    hidden_units: int
    training: Plan

    def fit_series(
        self, series: Sequence[FloatArray], seed: int
    ) -> tuple[FittedLstmAutoencoder, SeriesScores]:
        """Train on windows of all series by least squares.

        Raises:
            TooFewRows: a series is shorter than a window.
        """
        own = [as_matrix(each) for each in series]
        _check_lengths(own, self.window)
        scaling = standard_scaling(np.concatenate(own))
        rows = [scaling.apply(each) for each in own]
        random = np.random.default_rng(random_state(seed))
        varying = np.ptp(np.concatenate(rows), axis=0) > 0
        network = self._trained(_sample(rows, self.window, random), random).only_where(varying)

        covariance = _covariance([network.reconstruct(each) for each in rows])
        whitening = whitening_of(covariance)
        redrawn = _joined([network.reconstruct(each, whitening) for each in rows])
        together = np.concatenate(rows)
        fitted = FittedLstmAutoencoder(
            scaling,
            network,
            whitening,
            spread=np.sqrt(np.diag(covariance)),
            deviation=_MAD_TO_DEVIATION * np.median(np.abs(redrawn.drawn - together), axis=0),
            training_scores=np.sqrt(redrawn.squares),
            n_features=together.shape[1],
        )
        return fitted, fitted.scored(together, redrawn)

    def _trained(self, windows: FloatArray, random: np.random.Generator) -> SequenceAutoencoder:
        import torch

        with one_thread():
            layers = SequenceLayers(windows.shape[1:], self.hidden_units, random)
            minimise(
                lambda batch: torch.mean((layers.forward(batch) - batch) ** 2),
                layers.parameters,
                windows,
                self.training,
                random,
            )
        return layers.network()


def _sample(series: Sequence[FloatArray], length: int, random: np.random.Generator) -> FloatArray:
    """Windows of the series, float64 [w, length, d]: all, or as many as an epoch shows."""
    windows = [sliding_window_view(rows, length, axis=0) for rows in series]
    counts = np.array([each.shape[0] for each in windows])
    total = int(counts.sum())
    chosen = np.arange(total)
    if total > _TRAINING_WINDOWS:
        chosen = np.sort(random.choice(total, _TRAINING_WINDOWS, replace=False))  # nosec B311
    first = np.cumsum(counts) - counts
    taken = [
        each[chosen[(chosen >= start) & (chosen < start + count)] - start]
        for each, start, count in zip(windows, first, counts, strict=True)
    ]
    return np.ascontiguousarray(np.concatenate(taken).transpose(0, 2, 1))


def _covariance(redrawn: Sequence[Redrawn]) -> FloatArray:
    """The second moments of the errors, float64 [d, d], with a ridge that gives them full rank."""
    total = sum(each.errors for each in redrawn)
    moments: FloatArray = np.add.reduce([each.moments / total for each in redrawn])
    ridge = max(_RIDGE * float(np.trace(moments)) / len(moments), _LEAST_RIDGE)
    return moments + ridge * np.eye(len(moments))


def _joined(redrawn: Sequence[Redrawn]) -> Redrawn:
    """Series one after the other."""
    return Redrawn(
        np.concatenate([each.drawn for each in redrawn]),
        np.concatenate([each.squares for each in redrawn]),
        np.add.reduce([each.moments for each in redrawn]),
        sum(each.errors for each in redrawn),
    )


def _check_lengths(series: Sequence[FloatArray], window: int) -> None:
    shortest = min(each.shape[0] for each in series)
    if shortest < window:
        raise TooShortSeries(window, shortest, "Take a smaller `window`, or send more rows.")


SPEC = AlgorithmSpec(
    name="lstm_autoencoder",
    title="LSTM autoencoder",
    description=(
        "Trains a recurrent neural network to draw stretches of a series anew from a few numbers; stretches "
        "that it draws badly do not go as the series usually goes. For long series with a pattern in time."
    ),
    reference="Malhotra and others: LSTM-based Encoder-Decoder for Multi-sensor Anomaly Detection, 2016",
    aliases=("lstm", "lstm_ae"),
    parameters=schema_of(
        window=integer("Consecutive rows that are drawn anew together.", default=10, minimum=2, maximum=500),
        hidden_units=units("Numbers that a window is drawn anew from.", default=16),
        **training_options(epochs=50, learning_rate=5e-3),
    ),
    capabilities=(ORDERED, "seeded", "expected-values"),
    cost="high",
    complexity="O(epochs * n * window * hidden_units * (d + hidden_units)) to fit, that less epochs to score",
    min_rows=10,
    make=lambda values: LstmAutoencoderDetector(
        values["window"], values["hidden_units"], plan(values, weight_decay=_WEIGHT_DECAY)
    ),
    extra="deep",
    needs=("torch",),
    loads_late=True,
)
