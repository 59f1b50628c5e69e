"""SQL of webhooks as their owners see them; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.types import utc_now
from pynomaly_server.webhooks.state import DeliveryState


class WebhookRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def count_for_adding(self) -> int:
        """How many endpoints there are; nobody else adds one before this transaction ends."""
        await self._session.execute(hold_tenant(self._tenant_id))
        count = await self._session.scalar(
            sa.select(sa.func.count())
            .select_from(WebhookEndpointRow)
            .where(WebhookEndpointRow.tenant_id == self._tenant_id)
        )
        return count or 0

    async def add(self, **values: Any) -> WebhookEndpointRow:
        """Insert an enabled endpoint with the first version of its secret."""
        inserted = await self._session.scalars(
            sa.insert(WebhookEndpointRow)
            .values(tenant_id=self._tenant_id, secret_version=1, created_at=utc_now(), **values)
            .returning(WebhookEndpointRow)
        )
        return inserted.one()

    async def find(self, endpoint_id: str) -> WebhookEndpointRow | None:
        """The endpoint as it is now."""
        return await self._session.scalar(self._own().where(WebhookEndpointRow.id == endpoint_id))

    async def newest(self, *, limit: int, before: str | None) -> Sequence[WebhookEndpointRow]:
        """Up to `limit` endpoints, newest first, older than the endpoint `before`."""
        statement = self._own().order_by(WebhookEndpointRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(WebhookEndpointRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def change(self, endpoint_id: str, **values: Any) -> WebhookEndpointRow | None:
        """Change an endpoint; None where there is none."""
        changed = await self._session.scalars(
            sa.update(WebhookEndpointRow)
            .where(WebhookEndpointRow.tenant_id == self._tenant_id, WebhookEndpointRow.id == endpoint_id)
            .values(**values)
            .returning(WebhookEndpointRow)
            .execution_options(synchronize_session=False)
        )
        return changed.one_or_none()

    async def rotate(self, endpoint_id: str, keep_seconds: float) -> WebhookEndpointRow | None:
        """Go on to the next version of the secret, and sign by the one before for `keep_seconds`."""
        return await self.change(
            endpoint_id,
            secret_version=WebhookEndpointRow.secret_version + 1,
            previous_until=utc_now(keep_seconds),
        )

    async def delete(self, endpoint_id: str) -> bool:
        """Delete an endpoint with its deliveries; False where there is none."""
        deleted = await self._session.scalars(
            sa.delete(WebhookEndpointRow)
            .where(WebhookEndpointRow.tenant_id == self._tenant_id, WebhookEndpointRow.id == endpoint_id)
            .returning(WebhookEndpointRow.id)
            .execution_options(synchronize_session=False)
        )
        return deleted.one_or_none() is not None

    async def give_up(self, endpoint_id: str) -> None:
        """End what is pending for an endpoint as failed."""
        await self._session.execute(give_up(endpoint_id))

    async def add_delivery(self, values: dict[str, Any]) -> WebhookDeliveryRow:
        """Insert a delivery."""
        inserted = await self._session.scalars(
            sa.insert(WebhookDeliveryRow).values(**values).returning(WebhookDeliveryRow)
        )
        return inserted.one()

    async def find_delivery(self, endpoint_id: str, delivery_id: str) -> WebhookDeliveryRow | None:
        """The delivery as it is now."""
        return await self._session.scalar(self._of(endpoint_id).where(WebhookDeliveryRow.id == delivery_id))

    async def newest_deliveries(
        self, endpoint_id: str, *, limit: int, before: str | None, state: str | None
    ) -> Sequence[WebhookDeliveryRow]:
        """Up to `limit` deliveries to an endpoint, newest first, older than the delivery `before`."""
        statement = self._of(endpoint_id).order_by(WebhookDeliveryRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(WebhookDeliveryRow.id < before)
        if state is not None:
            statement = statement.where(WebhookDeliveryRow.state == state)
        return (await self._session.scalars(statement)).all()

    async def latest_attempts(
        self, delivery_ids: Sequence[str], most: int
    ) -> dict[str, list[WebhookAttemptRow]]:
        """Up to `most` attempts of each delivery, the latest of them, oldest first."""
        found = await self._session.scalars(
            sa.select(WebhookAttemptRow)
            .join(WebhookDeliveryRow, WebhookDeliveryRow.id == WebhookAttemptRow.delivery_id)
            .where(
                WebhookDeliveryRow.tenant_id == self._tenant_id,
                WebhookAttemptRow.delivery_id.in_(delivery_ids),
                WebhookAttemptRow.number > WebhookDeliveryRow.attempts - most,
            )
            .order_by(WebhookAttemptRow.delivery_id, WebhookAttemptRow.number)
        )
        attempts: dict[str, list[WebhookAttemptRow]] = {delivery_id: [] for delivery_id in delivery_ids}
        for attempt in found:
            attempts[attempt.delivery_id].append(attempt)
        return attempts

    async def send_again(self, endpoint_id: str, delivery_id: str) -> WebhookDeliveryRow | None:
        """Make a delivery due, its schedule anew; None where there is none or an attempt is under way."""
        changed = await self._session.scalars(
            sa.update(WebhookDeliveryRow)
            .where(
                WebhookDeliveryRow.tenant_id == self._tenant_id,
                WebhookDeliveryRow.endpoint_id == endpoint_id,
                WebhookDeliveryRow.id == delivery_id,
                sa.or_(WebhookDeliveryRow.lease_until.is_(None), WebhookDeliveryRow.lease_until < utc_now()),
            )
            .values(
                state=DeliveryState.PENDING, tries=0, next_at=utc_now(), lease_until=None, finished_at=None
            )
            .returning(WebhookDeliveryRow)
            .execution_options(synchronize_session=False)
        )
        return changed.one_or_none()

    def _own(self) -> sa.Select[WebhookEndpointRow]:
        return of_tenant(WebhookEndpointRow, self._tenant_id)

    def _of(self, endpoint_id: str) -> sa.Select[WebhookDeliveryRow]:
        return sa.select(WebhookDeliveryRow).where(
            WebhookDeliveryRow.tenant_id == self._tenant_id, WebhookDeliveryRow.endpoint_id == endpoint_id
        )


def give_up(endpoint_id: str) -> sa.Update:
    """The statement that ends what is pending for an endpoint, except what is being sent just now."""
    return (
        sa.update(WebhookDeliveryRow)
        .where(
            WebhookDeliveryRow.endpoint_id == endpoint_id,
            WebhookDeliveryRow.state == DeliveryState.PENDING,
            sa.or_(WebhookDeliveryRow.lease_until.is_(None), WebhookDeliveryRow.lease_until < utc_now()),
        )
        .values(state=DeliveryState.FAILED, next_at=None, lease_until=None, finished_at=utc_now())
        .execution_options(synchronize_session=False)
    )
