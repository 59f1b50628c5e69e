"""What a sender does to a delivery: claim it, and write down how the attempt went.

Any number of senders may share the work. A claim is one conditional UPDATE with a lease; a sender that was
killed leaves an attempt without an end, and its delivery is due again when the lease is over. So a message
arrives at least once, with the same `webhook-id` each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.telemetry.figures import BREAKER_OPENED
from pynomaly_server.webhooks.repository import give_up
from pynomaly_server.webhooks.state import DeliveryState, DisabledReason

PER_TENANT: Final = 4
"""Messages of one tenant that a sender has under way at most, so that its slow receivers keep nobody else's
messages waiting."""
KEPT_DAYS: Final = 30
FAILING_DAYS: Final = 5
"""Where a delivery is given up and nothing has arrived for so long, the endpoint is disabled."""
INTERRUPTED: Final = "The sender was stopped before an answer came."
_LOOKED_AT: Final = 1_000
_DELETED_AT_ONCE: Final = 1_000
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt: the message, where it goes, and the versions of the secret that sign it, newest first."""

    delivery_id: str
    tenant_id: str
    endpoint_id: str
    number: int
    tries: int
    payload: str
    url: str
    enabled: bool
    secret_versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went; without an `error` the message has arrived.

    `retry_after` is how many seconds the receiver has asked to wait.
    """

    status: int | None
    duration_ms: float
    error: str | None
    retry_after: float | None = None


class DeliveryQueue:
    """Each method is one transaction. `lease_seconds` must be longer than an attempt can take."""

    def __init__(self, sessions: AsyncSessions, *, lease_seconds: float) -> None:
        self._sessions = sessions
        self._lease_seconds = lease_seconds

    async def claim(self, most: int, under_way: Mapping[str, int]) -> list[Claim]:
        """Take up to `most` deliveries that are due, those of tenants in turn.

        Args:
            most: How many the sender has room for.
            under_way: How many it has already, by tenant.
        """
        async with self._sessions.read() as session:
            # Most looks find nothing, and need not keep anybody from writing.
            if await session.scalar(sa.select(WebhookDeliveryRow.id).where(*_due()).limit(1)) is None:
                return []
        async with self._sessions.write() as session:
            rows = (await session.scalars(self._take(most, under_way))).all()
            claims = await self._begin(session, rows)
            await session.commit()
        return claims

    def _take(self, most: int, under_way: Mapping[str, int]) -> ReturningUpdate[Any]:
        full = [tenant for tenant, count in under_way.items() if count >= PER_TENANT]
        oldest = (
            sa.select(WebhookDeliveryRow.id, WebhookDeliveryRow.tenant_id)
            .where(*_due(), WebhookDeliveryRow.tenant_id.not_in(full))
            .order_by(WebhookDeliveryRow.next_at)
            .limit(_LOOKED_AT)
            .subquery()
        )
        turn = sa.func.row_number().over(partition_by=oldest.c.tenant_id, order_by=oldest.c.id).label("turn")
        ranked = sa.select(oldest.c.id, oldest.c.tenant_id, turn).subquery()
        room = {tenant: PER_TENANT - count for tenant, count in under_way.items()}
        allowed = sa.case(room, value=ranked.c.tenant_id, else_=PER_TENANT) if room else PER_TENANT
        chosen = (
            sa.select(ranked.c.id)
            .where(ranked.c.turn <= allowed)
            .order_by(ranked.c.turn, ranked.c.id)
            .limit(most)
        )
        locked = (
            sa.select(WebhookDeliveryRow.id)
            .where(*_due(), WebhookDeliveryRow.id.in_(chosen))
            .with_for_update(skip_locked=True)
        )
        return (
            sa.update(WebhookDeliveryRow)
            .where(*_due(), WebhookDeliveryRow.id.in_(locked))
            .values(
                attempts=WebhookDeliveryRow.attempts + 1,
                tries=WebhookDeliveryRow.tries + 1,
                lease_until=utc_now(self._lease_seconds),
            )
            .returning(WebhookDeliveryRow)
            .execution_options(synchronize_session=False)
        )

    async def _begin(self, session: AsyncSession, rows: Sequence[WebhookDeliveryRow]) -> list[Claim]:
        if not rows:
            return []
        await session.execute(
            sa.update(WebhookAttemptRow)
            .where(
                WebhookAttemptRow.delivery_id.in_([row.id for row in rows]),
                WebhookAttemptRow.duration_ms.is_(None),
                WebhookAttemptRow.error.is_(None),
            )
            .values(error=INTERRUPTED)
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            sa.insert(WebhookAttemptRow).values(
                [{"delivery_id": row.id, "number": row.attempts, "started_at": utc_now()} for row in rows]
            )
        )
        found = await session.execute(
            sa.select(WebhookEndpointRow, WebhookEndpointRow.previous_until > utc_now()).where(
                WebhookEndpointRow.id.in_({row.endpoint_id for row in rows})
            )
        )
        endpoints = {endpoint.id: (endpoint, bool(previous)) for endpoint, previous in found}
        return [_claim(row, *endpoints[row.endpoint_id]) for row in rows if row.endpoint_id in endpoints]

    async def settle(self, claim: Claim, outcome: Outcome, retry_in: float | None) -> bool:
        """Write down how an attempt went.

        Args:
            claim: The attempt.
            outcome: How it went.
            retry_in: Seconds until the next attempt, None where there is to be none.

        Returns:
            Whether the delivery was still this attempt's.
        """
        if outcome.error is None:
            values = _ended(DeliveryState.DELIVERED)
        elif retry_in is None:
            values = _ended(DeliveryState.FAILED)
        else:
            values = {"next_at": utc_now(retry_in), "lease_until": None}
        async with self._sessions.write() as session:
            held = await session.scalar(
                sa.update(WebhookDeliveryRow)
                .where(
                    WebhookDeliveryRow.id == claim.delivery_id,
                    WebhookDeliveryRow.state == DeliveryState.PENDING,
                    WebhookDeliveryRow.attempts == claim.number,
                )
                .values(**values)
                .returning(WebhookDeliveryRow.id)
                .execution_options(synchronize_session=False)
            )
            if held is not None:
                await session.execute(
                    sa.update(WebhookAttemptRow)
                    .where(
                        WebhookAttemptRow.delivery_id == claim.delivery_id,
                        WebhookAttemptRow.number == claim.number,
                    )
                    .values(status=outcome.status, duration_ms=outcome.duration_ms, error=outcome.error)
                    .execution_options(synchronize_session=False)
                )
                if claim.enabled:
                    await self._judge(session, claim.endpoint_id, outcome, last=retry_in is None)
            await session.commit()
        return held is not None

    async def _judge(self, session: AsyncSession, endpoint_id: str, outcome: Outcome, *, last: bool) -> None:
        """Note what an attempt says of its endpoint, and disable one that is gone or has failed for days."""
        endpoint = sa.update(WebhookEndpointRow).where(
            WebhookEndpointRow.id == endpoint_id, WebhookEndpointRow.disabled_reason.is_(None)
        )
        since = WebhookEndpointRow.failing_since
        if outcome.error is None:
            await _execute(session, endpoint.where(since.is_not(None)).values(failing_since=None))
            return
        await _execute(session, endpoint.where(since.is_(None)).values(failing_since=utc_now()))
        if not last:
            return
        if outcome.status == _GONE:
            reason = DisabledReason.GONE
        else:
            reason = DisabledReason.FAILING
            endpoint = endpoint.where(since <= utc_now(-FAILING_DAYS * 86_400.0))
        disabled = await session.scalar(
            endpoint.values(disabled_reason=reason, disabled_at=utc_now())
            .returning(WebhookEndpointRow.id)
            .execution_options(synchronize_session=False)
        )
        if disabled is not None:
            BREAKER_OPENED.add("webhook-endpoint")
            await session.execute(give_up(endpoint_id))

    async def delete_old(self) -> int:
        """Delete some deliveries that are older than `KEPT_DAYS`, with their attempts; returns how many."""
        old = (
            sa.select(WebhookDeliveryRow.id)
            .where(WebhookDeliveryRow.created_at < utc_now(-KEPT_DAYS * 86_400.0))
            .limit(_DELETED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        async with self._sessions.write() as session:
            deleted = await session.scalars(
                sa.delete(WebhookDeliveryRow)
                .where(WebhookDeliveryRow.id.in_(old))
                .returning(WebhookDeliveryRow.id)
                .execution_options(synchronize_session=False)
            )
            count = len(deleted.all())
            await session.commit()
        return count


async def _execute(session: AsyncSession, statement: sa.Update) -> None:
    await session.execute(statement.execution_options(synchronize_session=False))


def _due() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        WebhookDeliveryRow.state == DeliveryState.PENDING,
        WebhookDeliveryRow.next_at <= utc_now(),
        sa.or_(WebhookDeliveryRow.lease_until.is_(None), WebhookDeliveryRow.lease_until < utc_now()),
    )


def _ended(state: DeliveryState) -> dict[str, Any]:
    return {"state": state, "next_at": None, "lease_until": None, "finished_at": utc_now()}


def _claim(row: WebhookDeliveryRow, endpoint: WebhookEndpointRow, has_previous: bool) -> Claim:
    version = endpoint.secret_version
    return Claim(
        delivery_id=row.id,
        tenant_id=row.tenant_id,
        endpoint_id=row.endpoint_id,
        number=row.attempts,
        tries=row.tries,
        payload=row.payload,
        url=endpoint.url,
        enabled=endpoint.disabled_reason is None,
        secret_versions=(version, version - 1) if has_previous else (version,),
    )
