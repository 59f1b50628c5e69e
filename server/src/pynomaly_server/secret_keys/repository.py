"""SQL of the former secret keys that are kept."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import FormerSecretKeyRow
from pynomaly_server.db.types import utc_now


class FormerKeyRepository:
    """Statements on one session; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(self) -> Sequence[FormerSecretKeyRow]:
        """Every key, that which was replaced last first."""
        statement = sa.select(FormerSecretKeyRow).order_by(
            FormerSecretKeyRow.replaced_at.desc(), FormerSecretKeyRow.id
        )
        return (await self._session.scalars(statement)).all()

    async def put(self, key_id: str, sealed: bytes) -> None:
        """Keep a key, or what is sealed of it now."""
        changed = await self._session.execute(
            sa.update(FormerSecretKeyRow)
            .where(FormerSecretKeyRow.id == key_id)
            .values(sealed=sealed)
            .returning(FormerSecretKeyRow.id)
            .execution_options(synchronize_session=False)
        )
        if changed.first() is None:
            await self._session.execute(
                sa.insert(FormerSecretKeyRow).values(id=key_id, sealed=sealed, replaced_at=utc_now())
            )
