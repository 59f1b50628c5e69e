"""A trained network as plain arrays, and its forward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.compiled import as_read_only, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray


@dataclass(frozen=True, slots=True)
class DenseNetwork:
    """Fully connected layers, each y = x W + b, followed by max(y, 0) where the layer is rectified.

    `widths`, int64 [layers + 1]: numbers of inputs of each layer and of outputs of the last. `weights`,
    float64: the matrices W, inputs x outputs in C order, one after the other. `biases`, float64: the vectors
    b, one after the other. `rectified`, bool [layers].
    """

    widths: NDArray[np.int64]
    weights: FloatArray
    biases: FloatArray
    rectified: NDArray[np.bool_]

    def forward(self, rows: FloatArray) -> FloatArray:
        """The outputs, float64 [n, outputs], of finite rows, float64 [n, inputs].

        Row by row, adding in a fixed order: a matrix product over the batch would round by its shape.
        """
        outputs = np.empty((rows.shape[0], self.widths[-1]))
        _forward(
            as_read_only(rows),
            as_read_only(self.widths),
            as_read_only(self.weights),
            as_read_only(self.biases),
            as_read_only(self.rectified),
            outputs,
        )
        return outputs

    def then(self, following: DenseNetwork) -> DenseNetwork:
        """This network followed by one that takes its outputs."""
        return DenseNetwork(
            np.concatenate([self.widths, following.widths[1:]]),
            np.concatenate([self.weights, following.weights]),
            np.concatenate([self.biases, following.biases]),
            np.concatenate([self.rectified, following.rectified]),
        )


@compiled
def _forward(
    rows: FloatArray,
    widths: NDArray[np.int64],
    weights: FloatArray,
    biases: FloatArray,
    rectified: NDArray[np.bool_],
    outputs: FloatArray,
) -> None:
    layers = widths.size - 1
    here, there = np.empty(widths.max()), np.empty(widths.max())
    for row in range(rows.shape[0]):
        here[: widths[0]] = rows[row]
        weight, bias = 0, 0
        for layer in range(layers):
            width = widths[layer + 1]
            there[:width] = biases[bias : bias + width]
            for i in range(widths[layer]):
                # Half the outputs of a rectified layer are zero.
                if here[i] != 0.0:
                    for j in range(width):
                        there[j] += here[i] * weights[weight + j]
                weight += width
            if rectified[layer]:
                for j in range(width):
                    there[j] = max(there[j], 0.0)
            bias += width
            here, there = there, here
        outputs[row] = here[: widths[layers]]
