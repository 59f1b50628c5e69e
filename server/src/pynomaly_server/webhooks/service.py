"""Registers webhook endpoints, shows what was sent to them and sends again by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryList,
    WebhookEndpoint,
    WebhookEndpointChanges,
    WebhookEndpointCreation,
    WebhookEndpointList,
    WebhookEndpointSecret,
)
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.urls import ForbiddenTargetError, parse_target
from pynomaly_server.problems import ProblemError
from pynomaly_server.webhooks.outbox import Event, delivery
from pynomaly_server.webhooks.repository import WebhookRepository
from pynomaly_server.webhooks.signing import Secrets
from pynomaly_server.webhooks.state import EVENT_TYPES, TEST_EVENT, DisabledReason

MOST_ENDPOINTS: Final = 20
OLD_SECRET_SECONDS: Final = 24 * 3_600.0
_SHOWN_ATTEMPTS: Final = 20
_ENABLED: Final = {"disabled_reason": None, "disabled_at": None, "failing_since": None}


class WebhookService:
    """Every method is for one principal, and what is another tenant's is answered as what does not exist."""

    def __init__(
        self, sessions: AsyncSessions, guard: Guard, secret_key: str, former: Sequence[str] = ()
    ) -> None:
        self._sessions = sessions
        self._guard = guard
        self._secrets = Secrets(secret_key)
        self._cursors = Cursors(secret_key, former)

    async def create(self, principal: Principal, wanted: WebhookEndpointCreation) -> WebhookEndpointSecret:
        """Register an endpoint; the answer is the only one that shows its secret.

        Raises:
            ProblemError: `forbidden-address`, or `conflict` where the tenant has `MOST_ENDPOINTS` already.
        """
        await self._check(wanted.url)
        async with self._sessions.write() as session:
            webhooks = WebhookRepository(session, principal.tenant_id)
            if await webhooks.count_for_adding() >= MOST_ENDPOINTS:
                raise ProblemError(
                    "conflict",
                    f"There are {MOST_ENDPOINTS} webhook endpoints already, the limit. Delete one that is no "
                    "longer used, or subscribe one to more event types.",
                )
            row = await webhooks.add(
                id=new_id("whe"),
                url=wanted.url,
                description=wanted.description,
                event_types=_ordered(wanted.event_types or EVENT_TYPES),
            )
            await session.commit()
        return self._with_secret(row)

    async def list(
        self, principal: Principal, *, limit: int, cursor: str | None = None
    ) -> WebhookEndpointList:
        """A page of endpoints, newest first."""
        of_list = (principal.tenant_id, "listWebhookEndpoints")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            rows = await WebhookRepository(session, principal.tenant_id).newest(
                limit=limit + 1, before=before
            )
        page, more = self._cursors.page(rows, limit, *of_list)
        return WebhookEndpointList(items=[_described(row) for row in page], next_cursor=more)

    async def get(self, principal: Principal, endpoint_id: str) -> WebhookEndpoint:
        """An endpoint; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            row = await WebhookRepository(session, principal.tenant_id).find(endpoint_id)
        return _described(_known(row, endpoint_id))

    async def update(
        self, principal: Principal, endpoint_id: str, changes: WebhookEndpointChanges
    ) -> WebhookEndpoint:
        """Change what is given; disabling gives up what is pending.

        Raises:
            ProblemError: `not-found` or `forbidden-address`.
        """
        values: dict[str, Any] = {}
        if changes.url is not None:
            values |= {"url": changes.url, "failing_since": None}
        if changes.description is not None:
            values["description"] = changes.description
        if changes.event_types is not None:
            values["event_types"] = _ordered(changes.event_types)
        if changes.enabled is not None:
            values |= _ENABLED if changes.enabled else _disabled()
        if not values:
            return await self.get(principal, endpoint_id)
        if changes.url is not None:
            # Only for endpoints that are there, so that no name is looked up for one that is not.
            await self.get(principal, endpoint_id)
            await self._check(changes.url)
        async with self._sessions.write() as session:
            webhooks = WebhookRepository(session, principal.tenant_id)
            row = _known(await webhooks.change(endpoint_id, **values), endpoint_id)
            if changes.enabled is False:
                await webhooks.give_up(endpoint_id)
            await session.commit()
        return _described(row)

    async def delete(self, principal: Principal, endpoint_id: str) -> None:
        """Delete an endpoint with its deliveries; raises `ProblemError` `not-found`."""
        async with self._sessions.write() as session:
            deleted = await WebhookRepository(session, principal.tenant_id).delete(endpoint_id)
            await session.commit()
        if not deleted:
            raise _no_endpoint(endpoint_id)

    async def rotate(self, principal: Principal, endpoint_id: str) -> WebhookEndpointSecret:
        """Give an endpoint a new secret; the one before stays valid for a day.

        Raises:
            ProblemError: `not-found`.
        """
        async with self._sessions.write() as session:
            row = await WebhookRepository(session, principal.tenant_id).rotate(
                endpoint_id, OLD_SECRET_SECONDS
            )
            await session.commit()
        return self._with_secret(_known(row, endpoint_id))

    async def test(self, principal: Principal, endpoint_id: str) -> WebhookDelivery:
        """Store a message of the type `webhook.test`.

        Raises:
            ProblemError: `not-found`, or `conflict` where the endpoint is disabled.
        """
        event = Event(principal.tenant_id, TEST_EVENT, datetime.now(UTC), {"endpoint_id": endpoint_id})
        async with self._sessions.write() as session:
            webhooks = WebhookRepository(session, principal.tenant_id)
            _enabled(await webhooks.find(endpoint_id), endpoint_id)
            row = await webhooks.add_delivery(delivery(event, endpoint_id))
            await session.commit()
        return _delivery(row, [])

    async def deliveries(
        self,
        principal: Principal,
        endpoint_id: str,
        *,
        limit: int,
        cursor: str | None = None,
        state: str | None = None,
    ) -> WebhookDeliveryList:
        """A page of an endpoint's deliveries, newest first, each with its latest attempts.

        Raises:
            ProblemError: `not-found`, or `validation` for the cursor.
        """
        of_list = (principal.tenant_id, "listWebhookDeliveries", endpoint_id, state or "")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            webhooks = WebhookRepository(session, principal.tenant_id)
            _known(await webhooks.find(endpoint_id), endpoint_id)
            rows = await webhooks.newest_deliveries(endpoint_id, limit=limit + 1, before=before, state=state)
            page, more = self._cursors.page(rows, limit, *of_list)
            attempts = await webhooks.latest_attempts([row.id for row in page], _SHOWN_ATTEMPTS)
        return WebhookDeliveryList(items=[_delivery(row, attempts[row.id]) for row in page], next_cursor=more)

    async def redeliver(self, principal: Principal, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
        """Send a message again, whatever became of it.

        Raises:
            ProblemError: `not-found`, or `conflict` where the endpoint is disabled or an attempt is under
            way.
        """
        async with self._sessions.write() as session:
            webhooks = WebhookRepository(session, principal.tenant_id)
            _enabled(await webhooks.find(endpoint_id), endpoint_id)
            row = await webhooks.send_again(endpoint_id, delivery_id)
            if row is None:
                if await webhooks.find_delivery(endpoint_id, delivery_id) is None:
                    raise ProblemError(
                        "not-found",
                        f"There is no delivery {delivery_id} to the webhook endpoint {endpoint_id}.",
                    )
                raise ProblemError(
                    "conflict",
                    f"The delivery {delivery_id} is being sent just now. See how that goes before sending it "
                    "again.",
                )
            attempts = await webhooks.latest_attempts([delivery_id], _SHOWN_ATTEMPTS)
            await session.commit()
        return _delivery(row, attempts[delivery_id])

    async def _check(self, url: str) -> None:
        try:
            await self._guard.addresses_async(parse_target(url))
        except ForbiddenTargetError as error:
            raise ProblemError("forbidden-address", str(error)) from error

    def _with_secret(self, row: WebhookEndpointRow) -> WebhookEndpointSecret:
        return WebhookEndpointSecret(
            endpoint=_described(row), secret=self._secrets.shown(row.id, row.secret_version)
        )


def _disabled() -> dict[str, Any]:
    return {"disabled_reason": DisabledReason.REQUESTED, "disabled_at": utc_now()}


def _ordered(event_types: Any) -> list[str]:
    """Each type once, in the order of the contract."""
    return [event_type for event_type in EVENT_TYPES if event_type in event_types]


def _no_endpoint(endpoint_id: str) -> ProblemError:
    return ProblemError("not-found", f"There is no webhook endpoint {endpoint_id}.")


def _known(row: WebhookEndpointRow | None, endpoint_id: str) -> WebhookEndpointRow:
    if row is None:
        raise _no_endpoint(endpoint_id)
    return row


def _enabled(row: WebhookEndpointRow | None, endpoint_id: str) -> None:
    if _known(row, endpoint_id).disabled_reason is not None:
        raise ProblemError(
            "conflict",
            f"The webhook endpoint {endpoint_id} is disabled. Enable it first with updateWebhookEndpoint "
            '(PATCH with {"enabled": true}).',
        )


def _described(row: WebhookEndpointRow) -> WebhookEndpoint:
    previous = row.previous_until
    return WebhookEndpoint(
        endpoint_id=row.id,
        url=row.url,
        description=row.description,
        event_types=row.event_types,
        enabled=row.disabled_reason is None,
        disabled_reason=row.disabled_reason,
        disabled_at=row.disabled_at,
        failing_since=row.failing_since,
        created_at=row.created_at,
        previous_secret_until=previous if previous is not None and previous > datetime.now(UTC) else None,
    )


def _delivery(row: WebhookDeliveryRow, attempts: list[WebhookAttemptRow]) -> WebhookDelivery:
    return WebhookDelivery(
        delivery_id=row.id,
        endpoint_id=row.endpoint_id,
        event_type=row.event_type,
        job_id=row.job_id,
        state=row.state,
        created_at=row.created_at,
        next_attempt_at=row.next_at,
        finished_at=row.finished_at,
        attempts=[
            WebhookAttempt(
                number=attempt.number,
                started_at=attempt.started_at,
                duration_ms=attempt.duration_ms,
                status=attempt.status,
                error=attempt.error,
            )
            for attempt in attempts
        ],
    )
