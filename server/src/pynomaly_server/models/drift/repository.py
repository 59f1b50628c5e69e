"""SQL of what versions have scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import ModelObservationRow, ModelRow, ModelVersionRow
from pynomaly_server.db.tenants import of_tenant
from pynomaly_server.models.drift.cells import Baseline
from pynomaly_server.models.drift.sketch import Sketch

BASELINE: Final = "baseline"
"""Where the details of a version have its cells."""


class ObservationRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def baseline(self, model_id: str, version: int) -> Baseline | None:
        """The cells of a version; None where it has none, or is not there."""
        return await self._session.run_sync(kept_baseline, self._tenant_id, model_id, version)

    async def add(self, model_id: str, version: int, hour: datetime, sketch: Sketch) -> None:
        """As `add_counted`."""
        await self._session.run_sync(add_counted, self._tenant_id, model_id, version, hour, sketch)

    async def since(self, model_id: str, version: int, since: datetime) -> Sequence[tuple[datetime, Sketch]]:
        """What was counted in each hour from this one on, the oldest first."""
        rows = await self._session.scalars(
            of_tenant(ModelObservationRow, self._tenant_id)
            .where(
                ModelObservationRow.model_id == model_id,
                ModelObservationRow.version == version,
                ModelObservationRow.hour >= since,
            )
            .order_by(ModelObservationRow.hour)
        )
        return [(row.hour, _sketch(row)) for row in rows]


def this_hour() -> datetime:
    """The beginning of the present hour, under which what is counted now is stored."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def kept_baseline(session: Session, tenant_id: str, model_id: str, version: int) -> Baseline | None:
    """The cells of a version; None where it has none, or is not there."""
    details = session.scalar(
        sa.select(ModelVersionRow.details).where(
            ModelVersionRow.tenant_id == tenant_id,
            ModelVersionRow.model_id == model_id,
            ModelVersionRow.version == version,
        )
    )
    found = (details or {}).get(BASELINE)
    return None if found is None else msgspec.convert(found, Baseline)


def add_counted(
    session: Session, tenant_id: str, model_id: str, version: int, hour: datetime, sketch: Sketch
) -> None:
    """Add to what a version has scored in an hour; what a deleted version has scored is nobody's.

    Whoever adds to the counts of a version, a process of the API or a worker that ends a job, holds the
    version until the transaction ends: so nobody else adds to them or deletes it meanwhile.
    """
    # Without the key's share, so that an alias may be pointed at the version meanwhile.
    held = session.scalar(
        sa.select(ModelVersionRow.version)
        .where(
            ModelVersionRow.tenant_id == tenant_id,
            ModelVersionRow.model_id == model_id,
            ModelVersionRow.version == version,
        )
        .with_for_update(key_share=True)
    )
    if held is None:
        return
    row = ModelObservationRow
    kept = (row.tenant_id == tenant_id, row.model_id == model_id, row.version == version, row.hour == hour)
    found = session.execute(
        sa.select(row.n_rows, row.n_anomalies, row.n_errors, row.n_skipped, row.cells).where(*kept)
    ).one_or_none()
    whole = sketch if found is None else Sketch.read(*found) + sketch
    values = {
        "n_rows": whole.n_rows,
        "n_anomalies": whole.n_anomalies,
        "n_errors": whole.n_errors,
        "n_skipped": whole.n_skipped,
        "cells": whole.kept(),
    }
    if found is None:
        new = {"tenant_id": tenant_id, "model_id": model_id, "version": version, "hour": hour}
        session.execute(sa.insert(row).values(**new, **values))
        return
    session.execute(sa.update(row).where(*kept).values(**values).execution_options(synchronize_session=False))


@dataclass(frozen=True, slots=True)
class Busy:
    """A version that has scored rows."""

    tenant_id: str
    model_id: str
    name: str
    version: int


async def busy_versions(session: AsyncSession, since: datetime) -> Sequence[Busy]:
    """The versions, of all tenants, that have scored rows from this hour on; for figures of the server."""
    found = await session.execute(
        sa.select(
            ModelObservationRow.tenant_id,
            ModelObservationRow.model_id,
            ModelRow.name,
            ModelObservationRow.version,
        )
        .join(ModelRow, ModelRow.id == ModelObservationRow.model_id)
        .where(ModelObservationRow.hour >= since)
        .distinct()
        .order_by(ModelObservationRow.model_id, ModelObservationRow.version)
    )
    return [Busy(*row) for row in found]


def _sketch(row: ModelObservationRow) -> Sketch:
    return Sketch.read(row.n_rows, row.n_anomalies, row.n_errors, row.n_skipped, row.cells)
