"""Says how far the rows that a version scores have moved from those that it was trained on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import ColumnDrift, ModelDrift
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.models.drift.cells import Baseline, Cells
from pynomaly_server.models.drift.measures import LEAST_ROWS, shift
from pynomaly_server.models.drift.repository import (
    Busy,
    ObservationRepository,
    busy_versions,
    this_hour,
)
from pynomaly_server.models.drift.sketch import Sketch
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.references import parse
from pynomaly_server.models.repository import KeptVersion
from pynomaly_server.threads import in_thread

if TYPE_CHECKING:
    from pynomaly_server.models.drift.cells import Counts

METRIC_HOURS: Final = 24
METRIC_SECONDS: Final = 30.0
"""How old the figures for a scrape may be, so that many scrapes cost no more than few."""
_WORST: Final = ("large", "moderate", "stable")


@dataclass(frozen=True, slots=True)
class DriftScore:
    """The newest figure of one version: its largest index of the last 24 hours."""

    tenant_id: str
    model: str
    version: int
    psi: float


class DriftService:
    """Every method that takes a principal is for that one alone."""

    def __init__(self, sessions: AsyncSessions, models: OpenModels) -> None:
        self._sessions = sessions
        self._models = models

    async def drift(self, principal: Principal, reference: str, hours: int) -> ModelDrift:
        """The drift of the version that `reference` means, over so many hours; raises `not-found`."""
        kept = (await self._models.resolved(principal.tenant_id, parse(reference))).kept
        async with self._sessions.read() as session:
            return await drift_of(session, principal.tenant_id, kept, hours)


class DriftScores:
    """The newest figures of all tenants, for the operator's metrics."""

    def __init__(self, sessions: AsyncSessions) -> None:
        self._sessions = sessions
        self._scores: tuple[float, Sequence[DriftScore]] = (-METRIC_SECONDS, ())

    async def newest(self) -> Sequence[DriftScore]:
        """The drift of every version that has scored enough rows in the last 24 hours, the largest first."""
        taken, scores = self._scores
        if time.monotonic() - taken < METRIC_SECONDS:
            return scores
        async with self._sessions.read() as session:
            found = [
                (busy, await _measured(session, busy))
                for busy in await busy_versions(session, _since(METRIC_HOURS))
            ]
        scores = sorted(
            (
                DriftScore(busy.tenant_id, busy.name, busy.version, psi)
                for busy, psi in found
                if psi is not None
            ),
            key=lambda score: -score.psi,
        )
        self._scores = (time.monotonic(), scores)
        return scores


async def drift_of(session: AsyncSession, tenant_id: str, kept: KeptVersion, hours: int) -> ModelDrift:
    """The drift of one version over so many hours."""
    observations = ObservationRepository(session, tenant_id)
    baseline = await observations.baseline(kept.model_id, kept.version)
    seen = await observations.since(kept.model_id, kept.version, _since(hours))
    return await in_thread(_answer, kept, baseline, seen, hours)


async def _measured(session: AsyncSession, busy: Busy) -> float | None:
    kept = KeptVersion(busy.model_id, busy.name, busy.version, None, "", "", 0)
    return (await drift_of(session, busy.tenant_id, kept, METRIC_HOURS)).psi


def _since(hours: int) -> datetime:
    """The beginning of the first of so many hours, the present one included."""
    return this_hour() - timedelta(hours=hours - 1)


def _answer(
    kept: KeptVersion, baseline: Baseline | None, seen: Sequence[tuple[datetime, Sketch]], hours: int
) -> ModelDrift:
    whole = sum((sketch for _, sketch in seen), Sketch())
    columns: list[ColumnDrift] = []
    if baseline is not None:
        columns = [
            _column(cells, whole.cells[place] if whole.cells else None)
            for place, cells in enumerate(baseline.all)
        ]
    worst = max((each for each in columns if each.psi is not None), key=_psi, default=None)
    statistics = [each.ks for each in columns if each.ks is not None]
    return ModelDrift(
        model_id=kept.model_id,
        name=kept.name,
        version=kept.version,
        hours=hours,
        first_hour=seen[0][0] if seen else None,
        last_hour=seen[-1][0] if seen else None,
        n_rows=whole.n_rows,
        n_anomalies=whole.n_anomalies,
        anomaly_share=whole.n_anomalies / whole.n_rows if whole.n_rows else None,
        n_errors=whole.n_errors,
        n_skipped=whole.n_skipped,
        least_rows=LEAST_ROWS,
        verdict=_verdict(baseline, columns),
        psi=None if worst is None else worst.psi,
        psi_column=None if worst is None else worst.name,
        ks=max(statistics, default=None),
        scores=columns[-1] if columns else None,
        features=columns[:-1],
    )


def _column(cells: Cells, counts: Counts | None) -> ColumnDrift:
    n_rows = 0 if counts is None else int(counts.sum())
    missing = 0 if counts is None else int(counts[-1])
    if counts is None or n_rows < LEAST_ROWS:
        return ColumnDrift(
            name=cells.name, type=cells.type, n_rows=n_rows, missing=missing, verdict="too-few-rows"
        )
    found = shift(cells, counts)
    return ColumnDrift(
        name=cells.name,
        type=cells.type,
        n_rows=n_rows,
        missing=missing,
        psi=found.psi,
        psi_by_chance=found.psi_by_chance,
        ks=found.ks,
        ks_by_chance=found.ks_by_chance,
        verdict=found.verdict,
    )


def _psi(column: ColumnDrift) -> float:
    return column.psi or 0.0


def _verdict(baseline: Baseline | None, columns: Sequence[ColumnDrift]) -> str:
    if baseline is None:
        return "no-baseline"
    said = {column.verdict for column in columns}
    return next((each for each in _WORST if each in said), "too-few-rows")
