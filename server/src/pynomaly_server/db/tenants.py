"""Statements about tenants that rooms share."""

from __future__ import annotations

from typing import TypeVar

import sqlalchemy as sa

from pynomaly_server.db.tables import Base, TenantRow

Row = TypeVar("Row", bound=Base)


def of_tenant(table: type[Row], tenant_id: str) -> sa.Select[Row]:
    """The rows of one tenant: what the reading statements of repositories start from.

    `requirements/tenant_scope.py` finds statements that neither start here nor name the tenant themselves.
    """
    return sa.select(table).where(table.__table__.c.tenant_id == tenant_id)


def hold_tenant(tenant_id: str | sa.BindParameter[str]) -> sa.Select[str]:
    """Locks a tenant's row, so that whoever counts and then adds does it alone until the transaction ends."""
    # Without the key's share, so that the inserts of others, which refer to the tenant, need not wait.
    return sa.select(TenantRow.id).where(TenantRow.id == tenant_id).with_for_update(key_share=True)
