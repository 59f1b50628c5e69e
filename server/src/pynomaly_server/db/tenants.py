"""Statements about tenants that rooms share."""

from __future__ import annotations

import sqlalchemy as sa

from pynomaly_server.db.tables import TenantRow


def hold_tenant(tenant_id: str) -> sa.Select[str]:
    """Locks a tenant's row, so that whoever counts and then adds does it alone until the transaction ends."""
    # Without the key's share, so that the inserts of others, which refer to the tenant, need not wait.
    return sa.select(TenantRow.id).where(TenantRow.id == tenant_id).with_for_update(key_share=True)
