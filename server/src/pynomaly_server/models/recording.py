"""Makes a version visible, in the transaction that ends the job which trained it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import DatasetRow, ModelRow, ModelVersionRow, TenantQuotaRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.quotas.quota import storage_used_up


def check_room(session: Session, tenant_id: str, usual: int, size: int) -> None:
    """Refuse a model of `size` bytes beyond what its tenant may store.

    Nobody else adds to it before the transaction ends, so that trainings that end together go no further than
    one of them. `usual` is the quota of tenants without one of their own; 0 is none.

    Raises:
        ProblemError: `quota-exceeded`.
    """
    session.execute(hold_tenant(tenant_id))
    own = session.scalar(sa.select(TenantQuotaRow.stored_bytes).where(TenantQuotaRow.tenant_id == tenant_id))
    quota = usual if own is None else own
    if quota == 0:
        return
    stored = sum(
        session.scalar(sa.select(sa.func.sum(size_of)).where(tenant == tenant_id)) or 0
        for size_of, tenant in (
            (DatasetRow.size_bytes, DatasetRow.tenant_id),
            (ModelVersionRow.artefact_bytes, ModelVersionRow.tenant_id),
        )
    )
    if stored + size > quota:
        raise storage_used_up(quota, int(stored), size, "model")


def record_version(session: Session, tenant_id: str, name: str, **values: Any) -> dict[str, Any]:
    """Insert the next version of the model `name`, which is made where there is none.

    Returns:
        The job's outcome: under `model` its id, its name and the version's number.
    """
    # Two first trainings of one name would otherwise both make the model.
    session.execute(hold_tenant(tenant_id))
    model = session.scalar(of_tenant(ModelRow, tenant_id).where(ModelRow.name == name).with_for_update())
    if model is None:
        model_id, version = new_id("mdl"), 1
        session.execute(
            sa.insert(ModelRow).values(
                tenant_id=tenant_id, id=model_id, name=name, last_version=version, created_at=utc_now()
            )
        )
    else:
        model_id, version = model.id, model.last_version + 1
        session.execute(
            sa.update(ModelRow)
            .where(ModelRow.tenant_id == tenant_id, ModelRow.id == model_id)
            .values(last_version=version)
        )
    session.execute(
        sa.insert(ModelVersionRow).values(
            tenant_id=tenant_id, model_id=model_id, version=version, created_at=utc_now(), **values
        )
    )
    return {"model": {"model_id": model_id, "name": name, "version": version}}
