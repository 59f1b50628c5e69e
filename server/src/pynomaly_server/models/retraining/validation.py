"""A new version against the one it is to replace, on rows that it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pynomaly_server.contract.structs import ModelValidation
from pynomaly_server.models.metrics import metrics_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from pynomaly_server.detection.pipeline import FittedPipeline
    from pynomaly_server.models.retraining.order import Validation

MOST_LOSS: Final = 0.02
"""How much of its average precision on labelled rows a new version may lose to the one before."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows to fit and rows that are held out, with their labels where there are any."""

    fitted: pl.DataFrame
    labels: NDArray[Any] | None
    held: pl.DataFrame
    held_labels: NDArray[Any] | None


def parted(frame: pl.DataFrame, labels: NDArray[Any] | None, share: float, seed: int) -> Parts:
    """Part rows at random; the same seed parts them alike. At least one row is held out."""
    order = np.random.default_rng(seed).permutation(frame.height)
    size = max(1, round(share * frame.height))
    held, fitted = np.sort(order[:size]), np.sort(order[size:])
    return Parts(
        frame[fitted],
        None if labels is None else labels[fitted],
        frame[held],
        None if labels is None else labels[held],
    )


def compared(
    new: FittedPipeline, current: FittedPipeline, parts: Parts, validation: Validation
) -> ModelValidation:
    """How the new version does on the rows held out, and whether that is enough.

    Where there are labels of both kinds, its average precision must be within `MOST_LOSS` of the current
    version's; otherwise both must predict the same of a share of `least_agreement` of the rows.
    """
    ours, theirs = new.score(parts.held), current.score(parts.held)
    agreement = float(np.mean(ours.predictions == theirs.predictions))
    precision = precision_before = None
    if parts.held_labels is not None:
        precision = metrics_of(ours, parts.held_labels).average_precision
        precision_before = metrics_of(theirs, parts.held_labels).average_precision
    if precision is not None and precision_before is not None:
        passed = precision >= precision_before - MOST_LOSS
        measure = f"average precision {precision:.3f} against {precision_before:.3f}"
    else:
        passed = agreement >= validation.least_agreement
        measure = f"agreement {agreement:.1%} where {validation.least_agreement:.1%} is asked for"
    return ModelValidation(
        version=validation.version,
        n_rows=parts.held.height,
        agreement=agreement,
        anomaly_share=ours.n_anomalies / parts.held.height,
        anomaly_share_before=theirs.n_anomalies / parts.held.height,
        average_precision=precision,
        average_precision_before=precision_before,
        passed=passed,
        detail=f"{measure}, on {parts.held.height:,} rows held out",
    )
