"""What labels say of scores: precision and recall at a threshold, and the threshold that serves best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.contract.structs import SuggestedThreshold

if TYPE_CHECKING:
    from numpy.typing import NDArray


def precision_and_recall(
    scores: NDArray[np.float64], anomalous: NDArray[np.bool_], threshold: float
) -> tuple[float | None, float | None]:
    """Both at a threshold; None for what the labels do not determine.

    Where every labelled row is at or above the threshold, recall would be 1 whatever was missed: it is None.
    """
    predicted = scores >= threshold
    found = int((predicted & anomalous).sum())
    precision = found / int(predicted.sum()) if predicted.any() else None
    recall = found / int(anomalous.sum()) if anomalous.any() and not predicted.all() else None
    return precision, recall


def suggestion(scores: NDArray[np.float64], anomalous: NDArray[np.bool_]) -> SuggestedThreshold | None:
    """The threshold with the best F1, in the middle of a gap between scores; None without both kinds.

    Of two that are equally good it is the higher one, with fewer alerts. Below the lowest labelled score
    nothing is known, so that no threshold is suggested there.
    """
    if anomalous.all() or not anomalous.any():
        return None
    levels, at = np.unique(scores, return_inverse=True)
    n_rows = np.bincount(at)[::-1].cumsum()
    n_found = np.bincount(at, weights=anomalous)[::-1].cumsum()
    recall, precision = n_found / anomalous.sum(), n_found / n_rows
    f1 = 2 * n_found / (n_rows + anomalous.sum())
    # From the highest score down: the first k levels are predicted by a threshold in the gap below them.
    highest_first = levels[::-1]
    gaps = np.append((highest_first[:-1] + highest_first[1:]) / 2, highest_first[-1])
    # Between neighbours among the doubles there is no middle.
    gaps = np.where(gaps > np.append(highest_first[1:], -1.0), gaps, highest_first)
    allowed = (gaps > 0) & (gaps < 1)
    if not allowed.any():
        return None
    best = int(np.argmax(np.where(allowed, f1, -1.0)))
    return SuggestedThreshold(
        threshold=float(gaps[best]), precision=float(precision[best]), recall=float(recall[best])
    )
