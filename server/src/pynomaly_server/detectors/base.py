"""The interface of every algorithm: a spec describes it, a detector fits, a fitted detector scores."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.errors import AlgorithmUnavailable, TooFewRows
from pynomaly_server.detectors.parameters import validated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FloatArray = NDArray[np.float64]
_FEW = 128


class FittedDetector(ABC):
    """What an algorithm has learnt.

    `training_scores` (float64 [n]) are the raw scores of the rows it was fitted on, higher meaning more
    abnormal; neighbour methods leave the row itself out. `n_features` is the number of columns it was
    fitted on.
    """

    training_scores: FloatArray
    n_features: int

    @abstractmethod
    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803 - the field's name for a matrix of rows
        """Raw scores, float64 [n], of rows X, float64 [n, n_features]: finite, higher is more abnormal.

        Inductive: a row gets bit for bit the same score alone, in any batch and in any order.
        """

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803, ARG002
        """Raw scores as `score_raw`, but a row that was fitted on does not vouch for itself.

        `of`, float64 [n, n_features]: the rows that rows X were made of by changing values, where they are
        not themselves meant; it is those that do not vouch. Only neighbour methods differ; explanations
        compare these scores.
        """
        return self.score_raw(X)

    def feature_parts(self, X: FloatArray) -> FloatArray | None:  # noqa: N803, ARG002 - for overriding
        """How much each column makes each row stand out, float64 [n, n_features], negative where it hides it.

        None where the method does not know; explanations then probe the score. A row's parts depend on the
        row alone.
        """
        return None


class FittedAdditiveDetector(FittedDetector):
    """A fitted detector whose raw score is a sum over columns: explanations need no further scoring."""

    @abstractmethod
    def exact_terms(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Non-negative terms, float64 [n, n_features], that sum to the raw score of each row."""


class Detector(ABC):
    """An algorithm with its parameters set, not yet shown any data."""

    @abstractmethod
    def fit(self, X: FloatArray, seed: int) -> FittedDetector:  # noqa: N803
        """Learn from finite rows X, float64 [n, d], with n >= the spec's `min_rows` and d >= 1.

        The same rows and seed give the same detector. `seed` is any integer >= 0.
        """


@dataclass(frozen=True, slots=True)
class AlgorithmSpec:
    """All that is said of one algorithm, and the way to fit it.

    `parameters` is a closed JSON Schema (draft 2020-12) in which every property has a default; `complexity`
    says in one line how time grows with n rows and d columns; `min_rows` is the fewest rows it can learn
    from. An algorithm that `needs` modules beyond the server's own is had by installing the `extra`.
    One that `loads_late` brings a library of seconds and of a hundred megabytes in when it is first used.
    """

    name: str
    title: str
    description: str
    reference: str
    aliases: tuple[str, ...]
    parameters: dict[str, Any]
    capabilities: tuple[str, ...]
    cost: Literal["low", "medium", "high"]
    complexity: str
    min_rows: int
    make: Callable[[Mapping[str, Any]], Detector]
    extra: str | None = None
    needs: tuple[str, ...] = ()
    loads_late: bool = False

    @property
    def available(self) -> bool:
        """Whether the modules that the algorithm `needs` are installed."""
        return all(find_spec(module) is not None for module in self.needs)

    def detector(self, parameters: Mapping[str, Any] | None = None) -> Detector:
        """The detector with `parameters`, defaults filled in.

        Raises:
            AlgorithmUnavailable: what it needs is not installed.
            InvalidParameter: a parameter is unknown, of the wrong type or out of range.
        """
        if not self.available:
            raise AlgorithmUnavailable(self.name, self.extra)
        return self.make(validated(self.parameters, parameters or {}))

    def fit(
        self,
        X: FloatArray,  # noqa: N803
        parameters: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> FittedDetector:
        """Fit on finite rows X, float64 [n, d].

        Raises:
            InvalidParameter: a parameter is unknown, of the wrong type or out of range.
            TooFewRows: n is below `min_rows`.
        """
        detector = self.detector(parameters)
        if X.shape[0] < self.min_rows:
            raise TooFewRows(self.min_rows, X.shape[0], self.name)
        return detector.fit(as_matrix(X), seed)


def as_matrix(X: FloatArray, n_features: int | None = None) -> FloatArray:  # noqa: N803
    """X as a contiguous float64 matrix, so that rows are summed in the same order whatever they came in.

    Raises:
        ValueError: X is not a matrix, has no column, another number of columns than `n_features`, or holds
        NaN or infinities; the table's encoder rules these out.
    """
    matrix = np.ascontiguousarray(X, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise ValueError(f"a detector takes a matrix with at least one column, not shape {matrix.shape}")
    if n_features is not None and matrix.shape[1] != n_features:
        raise ValueError(
            f"this detector was fitted on {n_features} columns and scores rows of as many, "
            f"not of {matrix.shape[1]}"
        )
    if not _finite(matrix):
        raise ValueError("a detector takes finite values only")
    return matrix


def _finite(matrix: FloatArray) -> bool:
    """Whether all values are finite; of few, their sum tells that sooner than a step of NumPy."""
    if matrix.size <= _FEW and math.isfinite(sum(matrix.ravel().tolist())):
        return True
    return bool(np.isfinite(matrix).all())


def random_state(seed: int) -> int:
    """A 32-bit seed from any integer >= 0, spread so that neighbouring seeds share no tree."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])
