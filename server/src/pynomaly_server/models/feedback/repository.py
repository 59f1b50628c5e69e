"""SQL of labels; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import ModelLabelRow
from pynomaly_server.db.types import utc_now

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AT_ONCE: Final = 500


class LabelRepository:
    """Statements on one session about one version of one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str, model_id: str, version: int) -> None:
        self._session = session
        self._tenant_id = tenant_id
        self._of = {"model_id": model_id, "version": version}
        self._own = (ModelLabelRow.model_id == model_id, ModelLabelRow.version == version)

    async def put(self, labels: Mapping[str, tuple[float, bool]], most: int) -> None:
        """Store scores and labels by the keys of their rows, and keep the newest `most` of all.

        Nobody else may do so for this version at the same time.
        """
        every = list(labels)
        for start in range(0, len(every), _AT_ONCE):
            keys = every[start : start + _AT_ONCE]
            await self._session.execute(
                sa.delete(ModelLabelRow).where(
                    ModelLabelRow.tenant_id == self._tenant_id, *self._own, ModelLabelRow.row_key.in_(keys)
                )
            )
            await self._session.execute(
                sa.insert(ModelLabelRow).values(given_at=utc_now(), tenant_id=self._tenant_id, **self._of),
                [{"row_key": key, "score": labels[key][0], "anomalous": labels[key][1]} for key in keys],
            )
        older = (
            sa.select(ModelLabelRow.row_key)
            .where(ModelLabelRow.tenant_id == self._tenant_id, *self._own)
            .order_by(ModelLabelRow.given_at.desc(), ModelLabelRow.row_key)
            .offset(most)
        )
        await self._session.execute(
            sa.delete(ModelLabelRow)
            .where(ModelLabelRow.tenant_id == self._tenant_id, *self._own, ModelLabelRow.row_key.in_(older))
            .execution_options(synchronize_session=False)
        )

    async def all(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The scores, and which of them are anomalies'."""
        found = (
            await self._session.execute(
                sa.select(ModelLabelRow.score, ModelLabelRow.anomalous).where(
                    ModelLabelRow.tenant_id == self._tenant_id, *self._own
                )
            )
        ).all()
        return (
            np.array([row.score for row in found], dtype=np.float64),
            np.array([row.anomalous for row in found], dtype=np.bool_),
        )
