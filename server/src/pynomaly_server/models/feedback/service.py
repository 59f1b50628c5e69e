"""Takes labels of scored rows, and says what they tell of a version."""

from __future__ import annotations

import hashlib
from typing import Final

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import ModelFeedback, ModelFeedbackRequest
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.service import ChargeRows
from pynomaly_server.detection.workload import EFFORT, Workload
from pynomaly_server.detectors import registry
from pynomaly_server.models.feedback.measures import precision_and_recall, suggestion
from pynomaly_server.models.feedback.repository import LabelRepository
from pynomaly_server.models.opening import OpenModel, OpenModels
from pynomaly_server.models.references import Reference, parse
from pynomaly_server.models.repository import KeptVersion, ModelRepository
from pynomaly_server.models.rows import scored_rows
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.reading import frame_from_rows

MOST_LABELS: Final = 10_000
"""Labels that are kept of a version; older ones make room for newer ones."""
FEEDBACK_REMEDY: Final = "Send the labels in several requests."
OWN_THRESHOLD: Final = 0.5

Labels = dict[str, tuple[float, bool]]
"""The score and the label of rows by their keys."""


class FeedbackService:
    """`limits` bound the rows of a request."""

    def __init__(
        self, sessions: AsyncSessions, models: OpenModels, workload: Workload, limits: TableLimits
    ) -> None:
        self._sessions = sessions
        self._models = models
        self._workload = workload
        self._limits = limits

    async def give(
        self, principal: Principal, reference: str, request: ModelFeedbackRequest, charge: ChargeRows
    ) -> ModelFeedback:
        """Keep the labels of rows, with the scores that the version gives them, and say what all labels tell.

        Raises:
            ProblemError: `not-found`, `model-unreadable`, `bad-dataset`, `payload-too-large`, or `validation`
                where there are not as many labels as rows.
        """
        if len(request.labels) != len(request.data):
            raise invalid(
                [Fault("/labels", f"has {len(request.labels):,} items for {len(request.data):,} rows")]
            )
        parsed = parse(reference)
        opened = await self._models.open(principal.tenant_id, parsed)
        await charge(len(request.data))
        effort = sum(map(len, request.data)) * EFFORT[registry.get(opened.pipeline.algorithm).cost]
        work = as_problems(FEEDBACK_REMEDY)(lambda: _labelled(opened, request, self._limits))
        threshold = (await self._models.resolved(principal.tenant_id, parsed)).threshold
        labels = await self._workload.run(work, effort, f"{opened.kept.artefact_key} feedback")
        async with self._sessions.write() as session:
            kept = opened.kept
            models = ModelRepository(session, principal.tenant_id)
            held = await models.hold(kept.model_id)
            if held is None or await models.version(kept.model_id, kept.version) is None:
                raise ProblemError(
                    "not-found", f"The model {kept.name} has no version {kept.version} any more."
                )
            stored = LabelRepository(session, principal.tenant_id, kept.model_id, kept.version)
            await stored.put(labels, MOST_LABELS)
            told = await _told(session, principal, kept, parsed, threshold)
            await session.commit()
        return told

    async def look(self, principal: Principal, reference: str) -> ModelFeedback:
        """What the labels tell of the version that a reference means; raises `ProblemError` `not-found`."""
        parsed = parse(reference)
        route = await self._models.resolved(principal.tenant_id, parsed)
        async with self._sessions.read() as session:
            return await _told(session, principal, route.kept, parsed, route.threshold)


async def _told(
    session: AsyncSession,
    principal: Principal,
    kept: KeptVersion,
    reference: Reference,
    threshold: float | None,
) -> ModelFeedback:
    labels = LabelRepository(session, principal.tenant_id, kept.model_id, kept.version)
    scores, anomalous = await labels.all()
    border = OWN_THRESHOLD if threshold is None else threshold
    precision, recall = precision_and_recall(scores, anomalous, border)
    return ModelFeedback(
        model_id=kept.model_id,
        name=kept.name,
        version=kept.version,
        alias=reference.alias,
        threshold=border,
        n_labels=int(scores.size),
        n_anomalies=int(anomalous.sum()),
        n_predicted=int((scores >= border).sum()),
        precision=precision,
        recall=recall,
        suggested=suggestion(scores, anomalous),
    )


def _labelled(opened: OpenModel, request: ModelFeedbackRequest, limits: TableLimits) -> Labels:
    frame = frame_from_rows(request.data, request.column_names, limits)
    scores = scored_rows(frame, opened.pipeline, opened.label_column).scores
    keys = row_keys(frame.drop(opened.label_column or "", strict=False))
    return {
        key: (float(score), label) for key, score, label in zip(keys, scores, request.labels, strict=True)
    }


def row_keys(frame: pl.DataFrame) -> list[str]:
    """What each row is known by: a hash of its values, in whatever order its columns come."""
    written = frame.select(_written(frame[name]) for name in sorted(frame.columns))
    return [hashlib.sha256(line.encode()).hexdigest() for line in written.write_ndjson().splitlines()]


def _written(column: pl.Series) -> pl.Series:
    """As text; a whole number is written as one, also in a column of fractions."""
    text = column.cast(pl.String)
    if not column.dtype.is_float():
        return text
    whole = column.cast(pl.Int64, strict=False)
    is_whole = (whole.cast(pl.Float64) == column).fill_null(value=False)
    return whole.cast(pl.String).zip_with(is_whole, text).alias(column.name)
