"""Fitted isolation forests of scikit-learn and PyOD as flat arrays: equal scores, far sooner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pynomaly_server.detectors.base import FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.forest.axis import AxisForest
from pynomaly_server.detectors.forest.axis_kernels import Ints
from pynomaly_server.detectors.forest.draws import expected_path_lengths


@dataclass(frozen=True)
class FlattenedForest(FittedDetector):
    """A forest that another library has fitted.

    The raw score is that library's own, higher meaning more abnormal: scikit-learn's `-score_samples` (then
    `shift` is 0), PyOD's `decision_function` (then `shift` is the forest's `offset_`).
    """

    forest: AxisForest
    shift: float
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, float64 [n]."""
        return self.forest.scores(as_matrix(X, self.n_features)) + self.shift

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much each column set a row apart on its paths, float64 [n, n_features], >= 0."""
        return self.forest.feature_parts(as_matrix(X, self.n_features))


def flatten(model: object, X: FloatArray) -> FlattenedForest:  # noqa: N803
    """The fitted scikit-learn `IsolationForest` or PyOD `IForest` in our arrays, scores equal to 1e-9.

    `X`, float64 [n, d], are the rows it was fitted on, which the forest itself does not keep: their scores
    become the `training_scores`. Like scikit-learn, the result rounds rows to single precision before it
    compares them with a threshold; unlike it, it takes no NaN.

    Raises:
        TypeError: the model is of another class.
        ValueError: the model is not fitted, or X has another number of columns.
    """
    theirs, shift = _forest_and_shift(model)
    samples = int(theirs._max_samples)  # noqa: SLF001 - the fitted value; public only as max_samples_
    trees = [
        _tree(estimator.tree_, np.asarray(columns))
        for estimator, columns in zip(theirs.estimators_, theirs.estimators_features_, strict=True)
    ]
    firsts = np.cumsum([0, *(feature.size for feature, *_ in trees[:-1])]).astype(np.int32)
    forest = AxisForest(
        roots=firsts,
        feature=np.concatenate([feature for feature, _, _, _ in trees]),
        threshold=np.concatenate([threshold for _, threshold, _, _ in trees]),
        children=np.concatenate(
            [children + first for (_, _, children, _), first in zip(trees, firsts, strict=True)]
        ),
        size=np.concatenate([size for _, _, _, size in trees]),
        samples=samples,
        single=True,
    )
    rows = as_matrix(X, int(theirs.n_features_in_))
    return FlattenedForest(forest, shift, forest.scores(rows) + shift, rows.shape[1])


def _forest_and_shift(model: object) -> tuple[Any, float]:
    # Here, not above: whoever has such a forest has loaded scikit-learn, nobody else should have to.
    from sklearn.ensemble import IsolationForest
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    name = f"{type(model).__module__}.{type(model).__qualname__}"
    # By attribute: PyOD need not be installed to serve what was fitted with it.
    within = getattr(model, "detector_", None) if name.startswith("pyod.") else model
    if name.startswith("pyod.") and within is None and type(model).__name__ == "IForest":
        raise ValueError("this IForest has not been fitted; call its fit before flattening it")
    if not isinstance(within, IsolationForest):
        raise TypeError(
            f"only scikit-learn's IsolationForest and PyOD's IForest can be flattened, not {name}"
        )
    try:
        check_is_fitted(within)
    except NotFittedError:
        raise ValueError(
            "this IsolationForest has not been fitted; call its fit before flattening it"
        ) from None
    return within, 0.0 if within is model else float(within.offset_)


def _tree(tree: Any, columns: Ints) -> tuple[Ints, FloatArray, Ints, Ints]:
    """One tree's feature, threshold, children and size; `columns` are those of the table that it saw."""
    size = np.asarray(tree.n_node_samples, dtype=np.int32)
    children = np.column_stack([tree.children_left, tree.children_right]).astype(np.int32)
    inner = children[:, 0] >= 0
    depth = np.zeros(size.size)
    # A node's number is above its parent's, so its depth is known when its turn comes.
    for node in np.flatnonzero(inner):
        depth[children[node]] = depth[node] + 1
    path = depth + expected_path_lengths(int(size.max()))[size]
    return (
        np.where(inner, columns[np.where(inner, tree.feature, 0)], -1).astype(np.int32),
        np.where(inner, tree.threshold, path),
        np.where(inner[:, np.newaxis], children, np.arange(size.size)[:, np.newaxis]).astype(np.int32),
        size,
    )
