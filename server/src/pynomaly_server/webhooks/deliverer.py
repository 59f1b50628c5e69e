"""Sends what is in the outbox, in a thread of the sweeper's process with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

import structlog

from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.outages import Outage
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.posting import Poster, UnansweredError
from pynomaly_server.outbound.urls import ForbiddenTargetError
from pynomaly_server.secret_keys.former import FormerKeys
from pynomaly_server.settings import Settings
from pynomaly_server.webhooks.queue import Claim, DeliveryQueue, Outcome
from pynomaly_server.webhooks.schedule import wait_after
from pynomaly_server.webhooks.signing import Secrets, signed_headers

MOST_UNDER_WAY: Final = 16
POLL_SECONDS: Final = 0.5
_SETTLING_SECONDS: Final = 15.0
_STOPPING_SECONDS: Final = 5.0
_CLEANING_SECONDS: Final = 3_600.0
_GONE: Final = 410
_ASK_TO_WAIT: Final = frozenset({429, 503})
_log = structlog.get_logger("pynomaly.webhooks")


class Deliverer:
    """Claims what is due, sends up to `MOST_UNDER_WAY` messages at a time and writes down how each went."""

    def __init__(
        self, queue: DeliveryQueue, poster: Poster, secrets: Secrets, former: FormerKeys | None = None
    ) -> None:
        self._queue = queue
        self._poster = poster
        self._secrets = secrets
        self._former = former
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._clean_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is under way then has a few seconds to end."""
        outage = Outage(_log, "webhooks cannot be looked up; they wait", "webhooks are looked up again")
        stopping = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            claims: list[Claim] = []
            try:
                await self._clean()
                claims = await self._start()
            except Exception as error:  # noqa: BLE001 - the database is away; what is due stays due
                outage.failed(error)
            else:
                outage.succeeded()
            if not claims:
                await asyncio.wait(
                    {stopping, *self._under_way}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=_STOPPING_SECONDS)
            for task in late:
                task.cancel()

    async def _start(self) -> list[Claim]:
        room = MOST_UNDER_WAY - len(self._under_way)
        if room == 0:
            return []
        claims = await self._queue.claim(room, Counter(self._under_way.values()))
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim))
            self._under_way[task] = claim.tenant_id
            task.add_done_callback(self._under_way.pop)
        return claims

    async def _deliver(self, claim: Claim) -> None:
        try:
            outcome = await self.attempt(claim)
            final = outcome.status == _GONE or not claim.enabled
            retry_in = None if final else wait_after(claim.tries, random.uniform, outcome.retry_after)
            await self._queue.settle(claim, outcome, retry_in)
        except Exception:  # noqa: BLE001 - the delivery is due again when its lease is over
            _log.warning(
                "attempt to deliver a webhook broke off", delivery_id=claim.delivery_id, exc_info=True
            )
            return
        _log.info(
            "webhook sent" if outcome.error is None else "webhook not delivered",
            delivery_id=claim.delivery_id,
            endpoint_id=claim.endpoint_id,
            attempt=claim.number,
            status=outcome.status,
            elapsed_ms=outcome.duration_ms,
        )

    async def attempt(self, claim: Claim) -> Outcome:
        """Send one message."""
        if not claim.enabled:
            return Outcome(None, 0.0, "Not sent: the endpoint is disabled. Enable it and send again.")
        body = claim.payload.encode()
        # A receiver that was given its secret under a former secret key knows no other.
        former = [] if self._former is None else await self._former.secrets()
        secrets = [
            of.secret(claim.endpoint_id, version)
            for of in (self._secrets, *(Secrets(secret) for secret in former))
            for version in claim.secret_versions
        ]
        headers = signed_headers(claim.delivery_id, int(time.time()), body, secrets)
        headers |= {"content-type": "application/json", "user-agent": "Pynomaly-Webhooks/1"}
        began = time.perf_counter()
        status, error, retry_after = None, None, None
        try:
            answer = await self._poster.post(claim.url, body, headers)
            status, error = answer.status, _fault(answer.status)
            retry_after = answer.retry_after if status in _ASK_TO_WAIT else None
        except (ForbiddenTargetError, UnansweredError) as reason:
            error = str(reason)[:500]
        return Outcome(status, round((time.perf_counter() - began) * 1_000, 2), error, retry_after)

    async def _clean(self) -> None:
        if time.monotonic() < self._clean_at:
            return
        # A backlog is deleted piece by piece, between deliveries.
        if await self._queue.delete_old() == 0:
            self._clean_at = time.monotonic() + _CLEANING_SECONDS


def _fault(status: int) -> str | None:
    """Why a status does not count as delivered; None where it does."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return (
            f"The endpoint answered {status}. Redirects are not followed; set the final address as its URL."
        )
    if status == _GONE:
        return "The endpoint answered 410 (gone) and was disabled. Enable it to send to it again."
    return f"The endpoint answered {status}; only 2xx counts as delivered."


async def deliver(settings: Settings, stop: asyncio.Event) -> None:
    """Deliver with the parts that the settings name, until `stop` is set."""
    engine = make_async_engine(settings)
    sessions = make_async_sessions(engine)
    former = FormerKeys(sessions, settings.secret, settings.former_secrets)
    queue = DeliveryQueue(sessions, lease_seconds=settings.webhook_timeout_seconds + _SETTLING_SECONDS)
    guard = Guard(Allowances.parse(settings.outbound_allow))
    try:
        async with Poster(guard, timeout_seconds=settings.webhook_timeout_seconds) as poster:
            await Deliverer(queue, poster, Secrets(settings.secret), former).run(stop)
    finally:
        await engine.dispose()


@contextlib.contextmanager
def delivering(settings: Settings) -> Iterator[None]:
    """Deliver in a thread while the context is open."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=[deliver(settings, stop)], name="webhooks", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
