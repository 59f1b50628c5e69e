"""Forgets what versions have scored long ago."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import ModelObservationRow
from pynomaly_server.db.types import utc_now

KEPT_DAYS: Final = 90
"""How long what versions have scored is kept, hour by hour."""
_DAY_SECONDS: Final = 86_400.0


async def forget_old(session: AsyncSession) -> None:
    """Delete what anybody's versions have scored more than `KEPT_DAYS` ago."""
    before = utc_now(-KEPT_DAYS * _DAY_SECONDS)
    await session.execute(sa.delete(ModelObservationRow).where(ModelObservationRow.hour < before))
