"""Who is told of the ends of jobs, and each telling."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class WebhookEndpointRow(Base):
    """An address that is told when jobs end.

    Its secret is nowhere: it follows from the server's secret key, the id and `secret_version`. Until
    `previous_until` the version before signs, too. `failing_since` is when the first attempt failed after
    the last one that arrived.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (sa.Index("ix_webhook_endpoints_tenant_id_id", "tenant_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    url: Mapped[str] = mapped_column(sa.String(2048))
    description: Mapped[str] = mapped_column(sa.String(255))
    event_types: Mapped[list[str]] = mapped_column(sa.JSON)
    disabled_reason: Mapped[str | None] = mapped_column(sa.String(16))
    disabled_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    secret_version: Mapped[int] = mapped_column(sa.Integer)
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookDeliveryRow(Base):
    """A message for one endpoint, stored in the transaction that ended the job.

    `attempts` counts all attempts and fences the one under way; `tries` counts those of the present
    schedule, which a redelivery starts anew. While `lease_until` is not over, a sender has the delivery.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
        sa.Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
        sa.Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
        sa.Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    endpoint_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_type: Mapped[str] = mapped_column(sa.String(32))
    job_id: Mapped[str | None] = mapped_column(ID)
    payload: Mapped[str]
    state: Mapped[str] = mapped_column(sa.String(16))
    attempts: Mapped[int] = mapped_column(sa.Integer)
    tries: Mapped[int] = mapped_column(sa.Integer)
    next_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class WebhookAttemptRow(Base):
    """One attempt to deliver a message; without `duration_ms` it is under way, or its sender was stopped."""

    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[str] = mapped_column(
        ID, sa.ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    started_at: Mapped[datetime]
    duration_ms: Mapped[float | None] = mapped_column(sa.Float)
    status: Mapped[int | None] = mapped_column(sa.Integer)
    error: Mapped[str | None] = mapped_column(sa.String(500))
