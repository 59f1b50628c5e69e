"""A trained autoencoder of sequences as plain arrays, and what it makes of a series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pynomaly_server.detectors.compiled import as_read_only, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray


@dataclass(frozen=True, slots=True)
class LongShortTermMemory:
    """One layer of long short-term memory (Hochreiter, Schmidhuber 1997; forget gate: Gers and others 2000).

    `inputs`, float64 [inputs, 4 * units], `recurrent`, float64 [units, 4 * units], and `bias`, float64
    [4 * units], lead to the input gate, forget gate, candidate and output gate, in this order.
    """

    inputs: FloatArray
    recurrent: FloatArray
    bias: FloatArray


@dataclass(frozen=True, slots=True)
class SequenceAutoencoder:
    """Windows of `length` rows go through the encoder; its last state, given to the decoder at every step,
    is all that the decoder has to draw the window anew; `output`, float64 [units, d], and `output_bias`,
    float64 [d], lead from its states to rows.
    """

    length: int
    encoder: LongShortTermMemory
    decoder: LongShortTermMemory
    output: FloatArray
    output_bias: FloatArray

    def only_where(self, varying: NDArray[np.bool_]) -> SequenceAutoencoder:
        """This network drawing exactly 0 in the columns that do not vary, bool [d].

        There a constant is expected, and what a network draws is only close to it, more so inside a series
        than at its ends.
        """
        return replace(self, output=self.output * varying, output_bias=self.output_bias * varying)

    def reconstruct(self, rows: FloatArray, whitening: FloatArray | None = None) -> Redrawn:
        """What every window makes of the rows, float64 [n, d] with n >= `length`, of one series.

        `whitening`, float64 [d, d] and upper triangular: W, by which errors are measured, else as they are.
        """
        d = rows.shape[1]
        drawn, squares, moments = np.zeros(rows.shape), np.zeros(rows.shape[0]), np.zeros((d, d))
        windows = rows.shape[0] - self.length + 1
        _add_windows(
            as_read_only(rows),
            self.length,
            as_read_only(self.encoder.inputs),
            as_read_only(self.encoder.recurrent),
            as_read_only(self.encoder.bias),
            as_read_only(self.decoder.inputs),
            as_read_only(self.decoder.recurrent),
            as_read_only(self.decoder.bias),
            as_read_only(self.output),
            as_read_only(self.output_bias),
            as_read_only(np.eye(d) if whitening is None else whitening),
            drawn,
            squares,
            moments,
        )
        at = np.arange(rows.shape[0])
        held = np.minimum(at, windows - 1) - np.maximum(at - self.length + 1, 0) + 1
        return Redrawn(drawn / held[:, np.newaxis], squares / held, moments, windows * self.length)


class Redrawn(NamedTuple):
    """A series as the windows draw it anew: `drawn`, float64 [n, d], the mean over those that hold a row.

    `squares`, float64 [n]: the mean of |e W|^2 over the same windows, e being their errors. `moments`,
    float64 [d, d]: the sum of e' e over all the `errors` there are, one for every row of every window.
    """

    drawn: FloatArray
    squares: FloatArray
    moments: FloatArray
    errors: int


@compiled
def _add_windows(
    rows: FloatArray,
    length: int,
    encoder_inputs: FloatArray,
    encoder_recurrent: FloatArray,
    encoder_bias: FloatArray,
    decoder_inputs: FloatArray,
    decoder_recurrent: FloatArray,
    decoder_bias: FloatArray,
    output: FloatArray,
    output_bias: FloatArray,
    whitening: FloatArray,
    drawn: FloatArray,
    squares: FloatArray,
    moments: FloatArray,
) -> None:
    """Add what the windows draw, and how they err, to the rows they are of and to the moments of errors."""
    n, d = rows.shape
    units = output.shape[0]
    # What a row adds to the encoder's gates is the same in every window.
    seen = np.empty((n, 4 * units))
    for row in range(n):
        _affine(rows[row], encoder_inputs, encoder_bias, seen[row])
    code = np.empty(4 * units)
    gates = np.empty(4 * units)
    values = np.empty(d)
    for start in range(n - length + 1):
        state, cell = np.zeros(units), np.zeros(units)
        for step in range(length):
            _advance(seen[start + step], encoder_recurrent, state, cell, gates)
        _affine(state, decoder_inputs, decoder_bias, code)
        state, cell = np.zeros(units), np.zeros(units)
        for step in range(length):
            _advance(code, decoder_recurrent, state, cell, gates)
            _affine(state, output, output_bias, values)
            row = start + step
            for column in range(d):
                drawn[row, column] += values[column]
                values[column] -= rows[row, column]
            squares[row] += _add_error(values, whitening, moments)


@compiled
def _add_error(error: FloatArray, whitening: FloatArray, moments: FloatArray) -> float:
    """Add e' e to the moments; |e W|^2 of the error e."""
    d = error.size
    square = 0.0
    for column in range(d):
        white = 0.0
        for place in range(column + 1):
            white += error[place] * whitening[place, column]
        square += white * white
        for place in range(d):
            moments[column, place] += error[column] * error[place]
    return square


@compiled
def _advance(
    given: FloatArray, recurrent: FloatArray, state: FloatArray, cell: FloatArray, gates: FloatArray
) -> None:
    """One step: change state and cell in place; `gates` is room to work in."""
    units = state.size
    _affine(state, recurrent, given, gates)
    for unit in range(units):
        taken = _logistic(gates[unit])
        kept = _logistic(gates[units + unit])
        shown = _logistic(gates[3 * units + unit])
        cell[unit] = kept * cell[unit] + taken * np.tanh(gates[2 * units + unit])
        state[unit] = shown * np.tanh(cell[unit])


@compiled
def _affine(x: FloatArray, weights: FloatArray, bias: FloatArray, into: FloatArray) -> None:
    """Write x W + b into `into`, adding in the order of x."""
    into[:] = bias
    for i in range(x.size):
        for j in range(into.size):
            into[j] += x[i] * weights[i, j]


@compiled
def _logistic(x: float) -> float:
    # By the hyperbolic tangent, which does not overflow.
    return 0.5 * float(np.tanh(0.5 * x)) + 0.5
