"""The outbox: what is to be sent is stored in the transaction in which it happened, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.webhooks.state import DeliveryState

_ENABLED: Final = (
    sa.select(WebhookEndpointRow.id, WebhookEndpointRow.tenant_id, WebhookEndpointRow.event_types)
    .where(
        WebhookEndpointRow.tenant_id.in_(sa.bindparam("tenants", expanding=True, type_=sa.String)),
        WebhookEndpointRow.disabled_reason.is_(None),
    )
    .with_for_update(read=True, key_share=True)
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a tenant: `data` is what the message says of it."""

    tenant_id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]
    job_id: str | None = None

    def payload(self) -> str:
        """The body of its messages, in the shape that Standard Webhooks recommends."""
        document = {"type": self.type, "timestamp": self.timestamp, "data": self.data}
        return msgspec.json.encode(document).decode()


def record(session: Session, events: Sequence[Event]) -> None:
    """Store a delivery per event and enabled endpoint that is subscribed to it; commits nothing."""
    tenants = {event.tenant_id for event in events}
    if not tenants:
        return
    # An endpoint that is being deleted is waited for and then not seen, so that it cannot make a job's end
    # fail; SQLite has one writer at a time and takes no notice of the lock.
    endpoints = session.execute(_ENABLED, {"tenants": sorted(tenants)}).all()
    rows = [
        delivery(event, endpoint.id)
        for event in events
        for endpoint in endpoints
        if endpoint.tenant_id == event.tenant_id and event.type in endpoint.event_types
    ]
    if rows:
        session.execute(sa.insert(WebhookDeliveryRow).values(rows))


def delivery(event: Event, endpoint_id: str) -> dict[str, Any]:
    """The values of a new row: due at once, and never tried yet."""
    return {
        "id": new_id("whd"),
        "tenant_id": event.tenant_id,
        "endpoint_id": endpoint_id,
        "event_type": event.type,
        "job_id": event.job_id,
        "payload": event.payload(),
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "tries": 0,
        "next_at": utc_now(),
        "created_at": utc_now(),
    }
