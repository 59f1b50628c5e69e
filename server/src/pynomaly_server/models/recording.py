"""Makes a version visible, in the transaction that ends the job which trained it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import ModelRow, ModelVersionRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id


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
