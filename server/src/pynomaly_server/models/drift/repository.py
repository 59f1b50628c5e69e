"""SQL of what versions have scored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

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
        details = await self._session.scalar(
            sa.select(ModelVersionRow.details).where(
                ModelVersionRow.tenant_id == self._tenant_id,
                ModelVersionRow.model_id == model_id,
                ModelVersionRow.version == version,
            )
        )
        found = (details or {}).get(BASELINE)
        return None if found is None else msgspec.convert(found, Baseline)

    async def numbers(self, model_id: str, versions: Collection[int]) -> set[int]:
        """Those of these versions that are there."""
        found = await self._session.scalars(
            sa.select(ModelVersionRow.version).where(
                ModelVersionRow.tenant_id == self._tenant_id,
                ModelVersionRow.model_id == model_id,
                ModelVersionRow.version.in_(versions),
            )
        )
        return set(found)

    async def hold(self, model_id: str, version: int, hour: datetime) -> Sketch | None:
        """What was counted in an hour, if anything; nobody else adds to it before the transaction ends."""
        row = await self._session.scalar(
            of_tenant(ModelObservationRow, self._tenant_id)
            .where(
                ModelObservationRow.model_id == model_id,
                ModelObservationRow.version == version,
                ModelObservationRow.hour == hour,
            )
            .with_for_update()
        )
        return None if row is None else _sketch(row)

    async def put(self, model_id: str, version: int, hour: datetime, sketch: Sketch, *, new: bool) -> None:
        """Store what was counted in an hour, `new` where nothing was before."""
        values = {
            "n_rows": sketch.n_rows,
            "n_anomalies": sketch.n_anomalies,
            "n_errors": sketch.n_errors,
            "n_skipped": sketch.n_skipped,
            "cells": sketch.kept(),
        }
        if new:
            await self._session.execute(
                sa.insert(ModelObservationRow).values(
                    tenant_id=self._tenant_id, model_id=model_id, version=version, hour=hour, **values
                )
            )
            return
        await self._session.execute(
            sa.update(ModelObservationRow)
            .where(
                ModelObservationRow.tenant_id == self._tenant_id,
                ModelObservationRow.model_id == model_id,
                ModelObservationRow.version == version,
                ModelObservationRow.hour == hour,
            )
            .values(**values)
        )

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
