"""The log of what was done."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class AuditHeadRow(Base):
    """The end of a tenant's chain of audit entries; its row is locked to append."""

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditRow(Base):
    """One entry of the audit log; nothing changes or deletes one."""

    __tablename__ = "audit_log"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('succeeded', 'refused', 'failed')", name="outcome"),
        sa.Index("ix_audit_log_tenant_id_actor_seq", "tenant_id", "actor", "seq"),
        sa.Index("ix_audit_log_tenant_id_resource_seq", "tenant_id", "resource", "seq"),
    )

    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(64))
    action: Mapped[str] = mapped_column(sa.String(64))
    resource: Mapped[str | None] = mapped_column(sa.String(80))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[int] = mapped_column(sa.Integer)
    address: Mapped[str | None] = mapped_column(sa.String(64))
    request_id: Mapped[str] = mapped_column(sa.String(128))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
