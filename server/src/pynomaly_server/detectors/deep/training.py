"""Training of networks with torch: on one thread, from generators of its own, leaving torch as it was."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pynomaly_server.detectors.deep.dense import DenseNetwork
from pynomaly_server.detectors.deep.recurrent import LongShortTermMemory, SequenceAutoencoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import torch

    from pynomaly_server.detectors.base import FloatArray

# Larger tables get larger batches, so that an epoch stays within this many steps.
_STEPS_AN_EPOCH = 500

# An epoch that lowers the loss by less than this share has not improved it.
_LEAST_IMPROVEMENT = 1e-3


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and in what steps to train; stops early after `patience` epochs without improvement."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    patience: int


class Layers:
    """Fully connected layers under training, single precision.

    Layer i leads from `widths[i]` to `widths[i + 1]` units. Those that `rectified` names are followed by a
    rectifier and, while training, by dropout of the share `dropout` of the units. Weights begin as He, Zhang,
    Ren, Sun (2015) have it, biases uniform in +-1/sqrt(inputs); drawn from `random`, never from torch's own
    generator, which belongs to the whole process.
    """

    def __init__(
        self,
        widths: Sequence[int],
        rectified: Sequence[bool],
        random: np.random.Generator,
        *,
        dropout: float = 0.0,
        biased: bool = True,
    ) -> None:
        self._widths = list(widths)
        self._rectified = list(rectified)
        self._random = random
        self._dropout = dropout
        self._weights: list[torch.Tensor] = []
        self._biases: list[torch.Tensor] = []
        for inputs, outputs, rectifies in zip(widths[:-1], widths[1:], rectified, strict=True):
            bound = 1 / np.sqrt(inputs)
            self._weights.append(_uniform(random, bound * np.sqrt(6 if rectifies else 1), (inputs, outputs)))
            self._biases.append(_uniform(random, bound if biased else 0.0, (outputs,)).requires_grad_(biased))

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What training changes."""
        return [each for each in (*self._weights, *self._biases) if each.requires_grad]

    def forward(self, x: torch.Tensor, *, training: bool) -> torch.Tensor:
        """Outputs of rows x, with dropout while `training`."""
        import torch

        for weight, bias, rectified in zip(self._weights, self._biases, self._rectified, strict=True):
            x = torch.addmm(bias, x, weight)
            if rectified:
                x = torch.relu(x)
                if training and self._dropout > 0:
                    x = x * self._kept(x.shape)
        return x

    def network(self) -> DenseNetwork:
        """The layers as they are now, as arrays."""
        return DenseNetwork(
            np.array(self._widths, dtype=np.int64),
            np.concatenate([_array(weight).ravel() for weight in self._weights]),
            np.concatenate([_array(bias) for bias in self._biases]),
            np.array(self._rectified),
        )

    def _kept(self, shape: Sequence[int]) -> torch.Tensor:
        """Zero for a unit that is dropped, else the factor that makes up for those that are."""
        import torch

        kept = self._random.random(tuple(shape), dtype=np.float32) >= self._dropout
        return torch.from_numpy(kept.astype(np.float32) / np.float32(1 - self._dropout))


class SequenceLayers:
    """An autoencoder of windows, [length, d], under training; see `SequenceAutoencoder` for its make.

    Weights begin uniform in +-1/sqrt(units), as torch has it, but are drawn from `random`.
    """

    def __init__(self, window: tuple[int, ...], hidden_units: int, random: np.random.Generator) -> None:
        self._length, d = window
        self._encoder = _memory(d, hidden_units, random)
        self._decoder = _memory(hidden_units, hidden_units, random)
        self._output = Layers((hidden_units, d), (False,), random)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What training changes."""
        memories = (*self._encoder.parameters(), *self._decoder.parameters())
        return [*memories, *self._output.parameters]

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """What is drawn of windows, [batch, length, d]."""
        _, (code, _) = self._encoder(windows)
        states, _ = self._decoder(code[0].unsqueeze(1).expand(-1, self._length, -1))
        return self._output.forward(states.flatten(0, 1), training=True).view(windows.shape)

    def network(self) -> SequenceAutoencoder:
        """The layers as they are now, as arrays."""
        output = self._output.network()
        units = int(output.widths[0])
        return SequenceAutoencoder(
            self._length,
            _kept_memory(self._encoder),
            _kept_memory(self._decoder),
            output.weights.reshape(units, -1),
            output.biases,
        )


def minimise(
    loss: Callable[[torch.Tensor], torch.Tensor],
    parameters: list[torch.Tensor],
    rows: FloatArray,
    plan: Plan,
    random: np.random.Generator,
) -> None:
    """Change `parameters` by Adam (Kingma, Ba 2015) so that `loss` of batches of the rows falls.

    `loss` is given rows (or windows of rows) in single precision, and answers their mean.
    """
    import torch

    data = torch.from_numpy(rows.astype(np.float32))
    batches = max(1, min(len(data) // plan.batch_size, _STEPS_AN_EPOCH))
    adam = torch.optim.Adam(parameters, lr=plan.learning_rate, weight_decay=plan.weight_decay)
    best, since = np.inf, 0
    for _ in range(plan.epochs):
        total = 0.0
        order = torch.from_numpy(random.permutation(len(data)))
        for batch in torch.tensor_split(data[order], batches):
            adam.zero_grad()
            value = loss(batch)
            value.backward()
            adam.step()
            total += value.item() * len(batch)
        if total < best * (1 - _LEAST_IMPROVEMENT):
            best, since = total, 0
        else:
            since += 1
        if since >= plan.patience:
            return


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread in here: sums split over threads would round by their number."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _uniform(random: np.random.Generator, bound: float, shape: tuple[int, ...]) -> torch.Tensor:
    import torch

    drawn = random.uniform(-bound, bound, shape).astype(np.float32)  # nosec B311
    return torch.from_numpy(drawn).requires_grad_()


def _memory(inputs: int, units: int, random: np.random.Generator) -> torch.nn.LSTM:
    import torch

    # Made without first weights: torch would draw them from the generator of the whole process.
    memory = torch.nn.LSTM(inputs, units, batch_first=True, device="meta").to_empty(device="cpu")
    bound = 1 / np.sqrt(units)
    with torch.no_grad():
        for parameter in memory.parameters():
            parameter.copy_(_uniform(random, bound, tuple(parameter.shape)))
    return memory


def _kept_memory(memory: torch.nn.LSTM) -> LongShortTermMemory:
    return LongShortTermMemory(
        np.ascontiguousarray(_array(memory.weight_ih_l0).T),
        np.ascontiguousarray(_array(memory.weight_hh_l0).T),
        _array(memory.bias_ih_l0) + _array(memory.bias_hh_l0),
    )


def _array(tensor: Any) -> FloatArray:
    array: FloatArray = tensor.detach().numpy().astype(np.float64)
    return array
