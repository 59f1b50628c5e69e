"""How well scores tell labelled rows apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from pynomaly_server.contract.structs import ModelMetrics
from pynomaly_server.tabular.errors import BadTable, at_row, quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detection.pipeline import Scored

_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


def labels_of(column: pl.Series) -> NDArray[np.float64]:
    """1 for rows said to be anomalous, 0 for normal ones, NaN where it is not known: float64 [n].

    Raises:
        BadTable: a value is neither true, false, 1, 0 nor missing.
    """
    if column.dtype == pl.Boolean or column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        strange = ~numbers.is_in([0.0, 1.0]) & column.is_not_null()
    else:
        texts = column.cast(pl.String).str.strip_chars().str.to_lowercase()
        numbers = texts.replace_strict(_WORDS, default=None, return_dtype=pl.Boolean).cast(pl.Float64)
        strange = numbers.is_null() & column.is_not_null()
    if strange.any():
        at = strange.arg_max() or 0
        raise BadTable(
            f"The label column {quoted(column.name)} holds {quoted(str(column[at]))} in {at_row(at)}. "
            "Labels are true or 1 for an anomaly, false or 0 for a normal row, and empty where that is not "
            "known."
        )
    labels: NDArray[np.float64] = numbers.fill_null(float("nan")).to_numpy()
    return labels


def metrics_of(scored: Scored, labels: NDArray[np.float64]) -> ModelMetrics:
    """Metrics over the rows that have a label.

    ROC-AUC is the share of pairs of an anomaly and a normal row in which the anomaly scores higher (Hanley
    and McNeil, 1982); average precision is the mean precision over the ranks of anomalies, weighted by the
    recall they add. Precision and recall are those of the predictions, at the model's threshold.
    """
    # Here: scikit-learn takes a second to load, and only trainings with labels need it.
    from sklearn.metrics import average_precision_score, roc_auc_score

    known = ~np.isnan(labels)
    truth = labels[known] == 1
    raw, predicted = scored.raw[known], scored.predictions[known] == 1
    anomalies, found = int(truth.sum()), int((truth & predicted).sum())
    both = 0 < anomalies < truth.size
    return ModelMetrics(
        n_labelled=int(truth.size),
        n_anomalies=anomalies,
        # Sums of shares may end a hair above 1.
        roc_auc=min(float(roc_auc_score(truth, raw)), 1.0) if both else None,
        average_precision=min(float(average_precision_score(truth, raw)), 1.0) if anomalies else None,
        precision=found / int(predicted.sum()) if predicted.any() else None,
        recall=found / anomalies if anomalies else None,
    )
