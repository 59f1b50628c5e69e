"""Webhooks from the end of a job to a real receiver, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pynomaly import webhooks as receiving
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import WebhookEndpointChanges, WebhookEndpointCreation
from pynomaly_server.db.tables import TenantRow, WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.administration import JobAdministration
from pynomaly_server.jobs.endings import announce
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.posting import Poster
from pynomaly_server.problems import ProblemError
from pynomaly_server.webhooks.deliverer import Deliverer
from pynomaly_server.webhooks.queue import FAILING_DAYS, INTERRUPTED, PER_TENANT, DeliveryQueue
from pynomaly_server.webhooks.schedule import JITTER, WAITS, wait_after
from pynomaly_server.webhooks.service import MOST_ENDPOINTS, WebhookService
from pynomaly_server.webhooks.signing import Secrets
from pynomaly_server.webhooks.state import EVENT_TYPES, TEST_EVENT

ALLOWED = "127.0.0.0/8"
CONTRACT = Path(__file__).parents[2] / "server/src/pynomaly_server/contract/openapi.json"
LONG_AGO = datetime.now(UTC) - timedelta(days=31)
BAD_DATA = ProblemError("bad-dataset", "The table cannot be used.")
once = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Receiver:
    """An HTTP server that answers the statuses it is told, the last one for ever, and keeps what came."""

    def __init__(self) -> None:
        self.statuses = [204]
        self.headers: dict[str, str] = {}
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.let_answer = threading.Event()
        self.let_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.let_answer.wait(60)
                status = receiver.statuses.pop(0) if len(receiver.statuses) > 1 else receiver.statuses[0]
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("location", f"{receiver.url}/elsewhere")
                    for name, value in receiver.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.let_answer.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


class Hooks:
    """The service as the API has it, and a sender in the hands of the test."""

    def __init__(self, world, poster, receiver):
        self.world = world
        self.receiver = receiver
        self.service = WebhookService(
            world.async_sessions, Guard(Allowances.parse(ALLOWED)), world.settings.secret
        )
        self.queue = DeliveryQueue(world.async_sessions, lease_seconds=30)
        self.sender = Deliverer(self.queue, poster, Secrets(world.settings.secret))
        self.me = world.principal

    async def register(self, **wanted):
        wanted = {"url": self.receiver.url, **wanted}
        return await self.service.create(self.me, WebhookEndpointCreation(**wanted))

    async def send_due(self):
        """Send until nothing is due."""
        while claims := await self.queue.claim(16, {}):
            await asyncio.gather(*(self.sender._deliver(claim) for claim in claims))

    async def deliveries(self, created, **query):
        page = await self.service.deliveries(self.me, created.endpoint.endpoint_id, **{"limit": 100, **query})
        return page.items

    async def ended_job(self):
        job = await self.world.submit(5)
        await self.world.jobs.cancel(self.me, job.job_id)
        return job

    def set_all(self, **values):
        with self.world.sessions.write() as session:
            session.execute(sa.update(WebhookDeliveryRow).values(**values))
            session.commit()

    async def exhaust(self):
        """Let every attempt of the present schedule be made."""
        for _ in range(len(WAITS) + 1):
            self.set_all(next_at=LONG_AGO)
            await self.send_due()

    def set_endpoints(self, **values):
        with self.world.sessions.write() as session:
            session.execute(sa.update(WebhookEndpointRow).values(**values))
            session.commit()

    async def endpoint(self, created):
        return await self.service.get(self.me, created.endpoint.endpoint_id)

    def stranger(self) -> Principal:
        with self.world.sessions.write() as session:
            session.execute(sa.insert(TenantRow).values(id="ten_2", name="other", created_at=utc_now()))
            session.commit()
        return dataclasses.replace(self.me, tenant_id="ten_2")

    def states(self) -> list[str]:
        with self.world.sessions.read() as session:
            return list(session.scalars(sa.select(WebhookDeliveryRow.state)))

    def count(self, table) -> int:
        with self.world.sessions.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table))


@pytest.fixture
async def hooks(world, receiver):
    async with Poster(Guard(Allowances.parse(ALLOWED)), timeout_seconds=10) as poster:
        yield Hooks(world, poster, receiver)


async def test_the_end_of_a_job_arrives_signed(hooks, receiver):
    created = await hooks.register()
    job = await hooks.ended_job()
    await hooks.send_due()
    [(headers, body)] = receiver.came
    event = receiving.verify(body, headers, created.secret)
    assert (event.type, event.data["job_id"], event.data["state"]) == (
        "job.cancelled",
        job.job_id,
        "cancelled",
    )
    [delivery] = await hooks.deliveries(created)
    assert (delivery.state, delivery.delivery_id, delivery.job_id) == ("delivered", event.id, job.job_id)
    assert [(attempt.number, attempt.status, attempt.error) for attempt in delivery.attempts] == [
        (1, 204, None)
    ]


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled", "crashed", "silent"])
async def test_every_way_to_end_is_told_once(hooks, world, end):
    created = await hooks.register()
    job = await world.submit(5)
    attempt = world.attempts.claim(job.job_id)
    match end:
        case "succeeded":
            for _ in range(2):
                world.attempts.succeed(attempt, attempt.result_key)
        case "failed":
            for _ in range(2):
                world.attempts.fail(attempt, BAD_DATA)
        case "cancelled":
            await world.jobs.cancel(hooks.me, job.job_id)
            for _ in range(2):
                world.attempts.release(attempt)
        case "crashed":
            world.change(job.job_id, crashes=world.settings.job_max_attempts - 1)
            world.attempts.crash(attempt)
        case "silent":
            world.change(job.job_id, crashes=world.settings.job_max_attempts - 1, lease_until=LONG_AGO)
            for _ in range(2):
                world.attempts.take_back()
    state = "failed" if end in {"crashed", "silent"} else end
    assert [delivery.event_type for delivery in await hooks.deliveries(created)] == [f"job.{state}"]


@once
async def test_a_transaction_that_is_rolled_back_tells_nothing(hooks, world):
    await hooks.register()
    job = await world.submit(5)
    world.change(job.job_id, state="failed", finished_at=datetime.now(UTC))
    with world.sessions.write() as session:
        announce(session, [job.job_id])
        assert session.scalar(sa.select(sa.func.count()).select_from(WebhookDeliveryRow)) == 1
        session.rollback()
    assert hooks.count(WebhookDeliveryRow) == 0


@once
async def test_only_what_an_enabled_endpoint_is_subscribed_to_is_recorded(hooks):
    deaf = await hooks.register(event_types=["job.succeeded"])
    off = await hooks.register()
    await hooks.service.update(hooks.me, off.endpoint.endpoint_id, WebhookEndpointChanges(enabled=False))
    await hooks.ended_job()
    assert [await hooks.deliveries(deaf), await hooks.deliveries(off)] == [[], []]


@once
async def test_what_fails_is_tried_again_with_the_same_id_and_body(hooks, receiver):
    receiver.statuses = [503, 302, 200]
    created = await hooks.register()
    await hooks.ended_job()
    for _ in range(3):
        await hooks.send_due()
        [delivery] = await hooks.deliveries(created)
        if delivery.state == "pending":
            assert delivery.next_attempt_at > datetime.now(UTC)
        hooks.set_all(next_at=LONG_AGO)
    assert delivery.state == "delivered"
    assert [attempt.status for attempt in delivery.attempts] == [503, 302, 200]
    assert "Redirects are not followed" in delivery.attempts[1].error
    assert len({(headers["webhook-id"], body) for headers, body in receiver.came}) == 1


async def test_after_the_last_attempt_it_is_failed_and_can_be_sent_by_hand(hooks, receiver):
    receiver.statuses = [500]
    created = await hooks.register()
    await hooks.ended_job()
    for _ in range(len(WAITS) + 3):
        hooks.set_all(next_at=LONG_AGO)
        await hooks.send_due()
    [failed] = await hooks.deliveries(created, state="failed")
    assert len(receiver.came) == len(failed.attempts) == len(WAITS) + 1
    receiver.statuses = [200]
    again = await hooks.service.redeliver(hooks.me, failed.endpoint_id, failed.delivery_id)
    assert again.state == "pending"
    await hooks.send_due()
    [delivered] = await hooks.deliveries(created)
    assert (delivered.state, len(delivered.attempts)) == ("delivered", len(WAITS) + 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1


@once
async def test_410_disables_the_endpoint_and_gives_up(hooks, receiver):
    receiver.statuses = [410]
    created = await hooks.register()
    await hooks.ended_job()
    await hooks.send_due()
    endpoint = await hooks.endpoint(created)
    [delivery] = await hooks.deliveries(created)
    assert (endpoint.enabled, endpoint.disabled_reason, delivery.state) == (False, "gone", "failed")
    assert endpoint.disabled_at is not None
    with pytest.raises(ProblemError, match="is disabled"):
        await hooks.service.redeliver(hooks.me, endpoint.endpoint_id, delivery.delivery_id)


async def test_an_endpoint_that_has_failed_for_days_is_disabled_when_a_delivery_is_given_up(hooks, receiver):
    receiver.statuses = [500]
    created = await hooks.register()
    await hooks.ended_job()
    await hooks.send_due()
    failing_since = (await hooks.endpoint(created)).failing_since
    assert datetime.now(UTC) - failing_since < timedelta(minutes=5)
    hooks.set_endpoints(failing_since=utc_now(-(FAILING_DAYS + 1) * 86_400.0))
    hooks.set_all(next_at=LONG_AGO)
    await hooks.send_due()
    assert (await hooks.endpoint(created)).enabled  # an attempt is left
    await hooks.exhaust()
    endpoint = await hooks.endpoint(created)
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "failing")
    assert datetime.now(UTC) - endpoint.disabled_at < timedelta(minutes=5)


@once
async def test_what_waited_for_an_endpoint_that_failed_for_days_is_given_up_with_it(hooks, receiver):
    receiver.statuses = [500]
    created = await hooks.register()
    await hooks.ended_job()
    hooks.set_all(tries=len(WAITS))
    hooks.set_endpoints(failing_since=LONG_AGO)
    [claim] = await hooks.queue.claim(1, {})
    await hooks.ended_job()
    await hooks.sender._deliver(claim)
    assert (await hooks.endpoint(created)).disabled_reason == "failing"
    assert hooks.states() == ["failed", "failed"]
    assert len(receiver.came) == 1


@once
async def test_an_endpoint_that_has_not_failed_for_days_stays_enabled(hooks, receiver):
    receiver.statuses = [500]
    created = await hooks.register()
    await hooks.ended_job()
    hooks.set_endpoints(failing_since=utc_now(-(FAILING_DAYS - 1) * 86_400.0))
    await hooks.exhaust()
    endpoint = await hooks.endpoint(created)
    assert hooks.states() == ["failed"]
    assert (endpoint.enabled, endpoint.disabled_reason, endpoint.disabled_at) == (True, None, None)


@once
async def test_a_message_that_arrives_ends_the_failing(hooks):
    created = await hooks.register()
    hooks.set_endpoints(failing_since=LONG_AGO)
    await hooks.ended_job()
    await hooks.send_due()
    assert (await hooks.endpoint(created)).failing_since is None


@once
@pytest.mark.parametrize("changes", [{"enabled": True}, {"url": "http://127.0.0.1:9/"}])
async def test_an_endpoint_that_is_enabled_again_or_moves_begins_afresh(hooks, changes):
    created = await hooks.register()
    hooks.set_endpoints(failing_since=LONG_AGO, disabled_reason="failing", disabled_at=LONG_AGO)
    changed = await hooks.service.update(
        hooks.me, created.endpoint.endpoint_id, WebhookEndpointChanges(**changes)
    )
    assert changed.failing_since is None
    assert changed.enabled is ("enabled" in changes)
    assert (changed.disabled_at is None) is changed.enabled


@once
@pytest.mark.parametrize(
    ("status", "asked", "least", "most"),
    [
        (503, "3600", 3_600, 3_600),
        (429, "3600", 3_600, 3_600),
        (429, "0", 4.5, 5.5),
        (503, "999999999", WAITS[-1], WAITS[-1]),
        (500, "3600", 4.5, 5.5),
    ],
)
async def test_a_receiver_that_asks_to_wait_is_waited_for_within_bounds(
    hooks, receiver, status, asked, least, most
):
    receiver.statuses, receiver.headers = [status], {"retry-after": asked}
    created = await hooks.register()
    await hooks.ended_job()
    before = datetime.now(UTC)
    await hooks.send_due()
    after = datetime.now(UTC)
    [delivery] = await hooks.deliveries(created)
    slack = timedelta(seconds=0.01)
    assert before + timedelta(seconds=least) - slack <= delivery.next_attempt_at
    assert delivery.next_attempt_at <= after + timedelta(seconds=most) + slack


@given(
    tries=st.integers(1, 20),
    asked=st.none() | st.floats(0, 1e9),
    draw=st.floats(1 - JITTER, 1 + JITTER),
)
def test_the_wait_is_what_was_planned_or_longer_and_never_beyond_the_longest(tries, asked, draw):
    wait = wait_after(tries, lambda low, high: draw, asked)
    if tries > len(WAITS):
        assert wait is None
        return
    planned = WAITS[tries - 1] * draw
    assert planned <= wait <= max(planned, WAITS[-1])
    assert wait == planned or wait == min(asked, WAITS[-1])


@once
@pytest.mark.parametrize("state", ["queued", "running"])
async def test_an_operators_cancel_is_told(hooks, world, receiver, state):
    await hooks.register()
    job = await world.submit(5)
    attempt = world.attempts.claim(job.job_id) if state == "running" else None
    assert await asyncio.to_thread(JobAdministration(world.sessions).cancel, job.job_id)
    if attempt is not None:
        await hooks.send_due()
        assert receiver.came == []  # its worker has not ended it yet
        world.attempts.release(attempt)
    await hooks.send_due()
    [(_, body)] = receiver.came
    assert json.loads(body)["type"] == "job.cancelled"


@once
async def test_what_is_sent_fits_what_the_contract_says_of_it(hooks, world, receiver):
    created = await hooks.register()
    await hooks.ended_job()
    await hooks.service.test(hooks.me, created.endpoint.endpoint_id)
    for end in ("succeed", "fail"):
        attempt = world.attempts.claim((await world.submit(5)).job_id)
        getattr(world.attempts, end)(attempt, BAD_DATA if end == "fail" else attempt.result_key)
    await hooks.send_due()
    document = json.loads(CONTRACT.read_bytes())
    types = []
    for headers, body in receiver.came:
        message = json.loads(body)
        types.append(message["type"])
        told = document["webhooks"][message["type"]]["post"]
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(message)
        for reference in told["parameters"]:
            parameter = document["components"]["parameters"][reference["$ref"].rsplit("/", 1)[-1]]
            Draft202012Validator(parameter["schema"]).validate(headers[parameter["name"]])
    assert sorted(types) == sorted(document["webhooks"])
    assert set(types) == {*EVENT_TYPES, TEST_EVENT}


@once
async def test_disabling_gives_up_what_is_pending(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    await hooks.service.update(hooks.me, created.endpoint.endpoint_id, WebhookEndpointChanges(enabled=False))
    assert [delivery.state for delivery in await hooks.deliveries(created)] == ["failed"]


async def test_after_a_rotation_both_secrets_verify_and_a_day_later_the_new_one_alone(hooks, receiver):
    created = await hooks.register()
    rotated = await hooks.service.rotate(hooks.me, created.endpoint.endpoint_id)
    assert rotated.secret != created.secret
    await hooks.service.test(hooks.me, created.endpoint.endpoint_id)
    await hooks.send_due()
    [(headers, body)] = receiver.came
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (created.secret, rotated.secret):
        assert receiving.verify(body, headers, secret).type == "webhook.test"
    with hooks.world.sessions.write() as session:
        session.execute(sa.update(WebhookEndpointRow).values(previous_until=LONG_AGO))
        session.commit()
    await hooks.service.test(hooks.me, created.endpoint.endpoint_id)
    await hooks.send_due()
    headers, body = receiver.came[-1]
    receiving.verify(body, headers, rotated.secret)
    with pytest.raises(receiving.WebhookVerificationError):
        receiving.verify(body, headers, created.secret)


@once
async def test_no_secret_is_in_the_database_and_none_is_shown_twice(hooks, world):
    created = await hooks.register()
    endpoint = await hooks.service.get(hooks.me, created.endpoint.endpoint_id)
    assert not hasattr(endpoint, "secret")
    key = created.secret.removeprefix("whsec_")
    with world.sessions.read() as session:
        row = session.execute(sa.select(WebhookEndpointRow.__table__)).one()
    assert key not in str(row)


async def test_of_many_senders_one_sends(hooks, receiver):
    await hooks.register()
    for _ in range(3):
        await hooks.ended_job()
    await asyncio.gather(*(hooks.send_due() for _ in range(6)))
    ids = [headers["webhook-id"] for headers, _ in receiver.came]
    assert len(ids) == len(set(ids)) == 3


async def test_a_tenant_with_much_to_send_leaves_room_for_others(hooks):
    created = await hooks.register()
    for _ in range(PER_TENANT + 3):
        await hooks.service.test(hooks.me, created.endpoint.endpoint_id)
    hooks.me = hooks.stranger()
    other = await hooks.register()
    await hooks.service.test(hooks.me, other.endpoint.endpoint_id)
    claims = await hooks.queue.claim(16, {})
    owners = [claim.tenant_id for claim in claims]
    assert (owners.count(created_owner := hooks.world.principal.tenant_id), owners.count("ten_2")) == (
        PER_TENANT,
        1,
    )
    assert await hooks.queue.claim(16, {created_owner: PER_TENANT, "ten_2": 1}) == []


async def test_a_sender_whose_lease_is_over_writes_nothing(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    [late] = await hooks.queue.claim(1, {})
    hooks.set_all(lease_until=LONG_AGO)
    [now] = await hooks.queue.claim(1, {})
    outcome = await hooks.sender.attempt(now)
    assert await hooks.queue.settle(late, dataclasses.replace(outcome, status=500, error="late"), 5) is False
    assert await hooks.queue.settle(now, outcome, None) is True
    [delivery] = await hooks.deliveries(created)
    assert [(attempt.number, attempt.error) for attempt in delivery.attempts] == [(1, INTERRUPTED), (2, None)]


@once
async def test_what_is_being_sent_is_not_sent_again_by_hand(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    [claim] = await hooks.queue.claim(1, {})
    with pytest.raises(ProblemError, match="is being sent just now"):
        await hooks.service.redeliver(hooks.me, created.endpoint.endpoint_id, claim.delivery_id)


async def test_a_deleted_endpoint_takes_its_deliveries_along(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    [claim] = await hooks.queue.claim(1, {})
    await hooks.service.delete(hooks.me, created.endpoint.endpoint_id)
    outcome = await hooks.sender.attempt(claim)
    assert await hooks.queue.settle(claim, outcome, None) is False
    assert [hooks.count(WebhookDeliveryRow), hooks.count(WebhookAttemptRow)] == [0, 0]


async def test_deliveries_are_kept_for_thirty_days(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    await hooks.send_due()
    assert await hooks.queue.delete_old() == 0
    hooks.set_all(created_at=LONG_AGO)
    assert await hooks.queue.delete_old() == 1
    assert await hooks.deliveries(created) == []
    assert hooks.count(WebhookAttemptRow) == 0


@once
async def test_a_foreign_endpoint_is_answered_as_a_missing_one(hooks):
    created = await hooks.register()
    await hooks.ended_job()
    [delivery] = await hooks.deliveries(created)
    mine, hooks.me = hooks.me, hooks.stranger()
    endpoint_id = created.endpoint.endpoint_id
    for call in (
        hooks.service.get(hooks.me, endpoint_id),
        hooks.service.update(hooks.me, endpoint_id, WebhookEndpointChanges(enabled=False)),
        hooks.service.update(hooks.me, endpoint_id, WebhookEndpointChanges(url="https://10.0.0.1/")),
        hooks.service.delete(hooks.me, endpoint_id),
        hooks.service.rotate(hooks.me, endpoint_id),
        hooks.service.test(hooks.me, endpoint_id),
        hooks.service.deliveries(hooks.me, endpoint_id, limit=10),
        hooks.service.redeliver(hooks.me, endpoint_id, delivery.delivery_id),
    ):
        with pytest.raises(ProblemError, match=rf"^not-found: There is no webhook endpoint {endpoint_id}\.$"):
            await call
    assert (await hooks.service.list(hooks.me, limit=10)).items == []
    assert (await hooks.service.get(mine, endpoint_id)) == created.endpoint


@once
@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://10.0.0.1/", "https://[::1]/", "file:///etc/passwd"]
)
async def test_an_address_inside_or_in_the_clear_is_refused(hooks, url):
    with pytest.raises(ProblemError) as refused:
        await hooks.register(url=url)
    assert (refused.value.code, refused.value.status) == ("forbidden-address", 422)
    created = await hooks.register()
    with pytest.raises(ProblemError, match="forbidden-address"):
        await hooks.service.update(hooks.me, created.endpoint.endpoint_id, WebhookEndpointChanges(url=url))


@once
async def test_the_address_is_checked_again_when_it_is_sent_to(hooks, receiver):
    created = await hooks.register()
    await hooks.ended_job()
    async with Poster(Guard(), timeout_seconds=10) as strict:
        hooks.sender = Deliverer(hooks.queue, strict, Secrets(hooks.world.settings.secret))
        await hooks.send_due()
    [delivery] = await hooks.deliveries(created)
    assert "is not on the public internet" in delivery.attempts[0].error
    assert receiver.came == []


@once
async def test_a_receiver_that_does_not_answer_is_given_up_on_in_time(hooks, receiver):
    receiver.let_answer.clear()
    created = await hooks.register()
    await hooks.ended_job()
    async with Poster(Guard(Allowances.parse(ALLOWED)), timeout_seconds=0.3) as hasty:
        hooks.sender = Deliverer(hooks.queue, hasty, Secrets(hooks.world.settings.secret))
        await hooks.send_due()
    [delivery] = await hooks.deliveries(created)
    assert (delivery.state, delivery.attempts[0].error) == ("pending", "No answer came within 0.3 s.")


async def test_a_tenant_has_a_bounded_number_of_endpoints_however_many_ask_at_once(hooks):
    results = await asyncio.gather(
        *(hooks.register() for _ in range(MOST_ENDPOINTS + 4)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, ProblemError)]
    assert [problem.code for problem in refused] == ["conflict"] * 4


@once
async def test_lists_come_in_pages(hooks):
    made = [(await hooks.register()).endpoint.endpoint_id for _ in range(3)]
    first = await hooks.service.list(hooks.me, limit=2)
    rest = await hooks.service.list(hooks.me, limit=2, cursor=first.next_cursor)
    assert [endpoint.endpoint_id for endpoint in [*first.items, *rest.items]] == made[::-1]
    for _ in range(3):
        await hooks.service.test(hooks.me, made[0])
    page = await hooks.service.deliveries(hooks.me, made[0], limit=2)
    last = await hooks.service.deliveries(hooks.me, made[0], limit=2, cursor=page.next_cursor)
    assert (len(page.items), len(last.items), last.next_cursor) == (2, 1, None)


async def test_a_message_whose_sweeper_was_killed_is_sent_by_the_next(hooks, world, receiver, processes):
    created = await hooks.register()
    receiver.let_answer.clear()
    await hooks.ended_job()
    first = processes.sweeper(outbound_allow=ALLOWED)
    await world.until(lambda: receiver.came, "the first attempt")
    first.signal_all(signal.SIGKILL)
    first.popen.wait()
    receiver.let_answer.set()
    hooks.set_all(lease_until=LONG_AGO)
    processes.sweeper(outbound_allow=ALLOWED)
    await world.until(lambda: len(receiver.came) == 2, "the second attempt")
    await world.until(lambda: hooks.states() == ["delivered"], "the end of the second attempt")
    [delivery] = await hooks.deliveries(created)
    assert [attempt.error for attempt in delivery.attempts] == [INTERRUPTED, None]
    assert json.loads(receiver.came[0][1]) == json.loads(receiver.came[1][1])
    for headers, body in receiver.came:
        assert receiving.verify(body, headers, created.secret).id == delivery.delivery_id
