"""Tenants, and what each may have."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class TenantRow(Base):
    """Whose data it is; everything below belongs to exactly one.

    `served_at` is when a worker last claimed a job of theirs.
    """

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(255), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]


class TenantQuotaRow(Base):
    """Quotas of one tenant; NULL leaves a quota to the settings, 0 is none."""

    __tablename__ = "tenant_quotas"

    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"), primary_key=True)
    requests: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    stored_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    jobs: Mapped[int | None] = mapped_column(sa.BigInteger)
