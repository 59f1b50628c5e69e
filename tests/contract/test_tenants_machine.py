"""Two tenants on one server do whatever they like, in any order; nothing crosses between them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from pynomaly_server.auth.service import AuthService
from pynomaly_server.auth.tenants import TenantService
from pynomaly_server.contract.operations import OPERATIONS, Operation
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.ids import new_id
from pynomaly_server.settings import Settings

EXAMPLES = 5
STEPS_OF_ONE = 30
TABLE = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 7, n % 5) for n in range(40))
CREDENTIAL = {
    "name": "bucket",
    "s3": {"access_key_id": "a", "secret_access_key": "b", "endpoint": "https://1.1.1.1"},
}
LISTS = {
    "dataset_id": "/datasets",
    "job_id": "/jobs",
    "key_id": "/api-keys",
    "endpoint_id": "/webhooks",
    "credential_id": "/credentials",
    "model_id": "/models",
}
"""Where each kind of resource is listed, by the name of its parameter in paths."""
IN_PATHS = {"model_id": "name"}
"""What paths call a resource that has a name besides its id."""
ROWS = [{"a": n % 7, "b": n % 5} for n in range(40)]
BODIES: dict[str, Any] = {
    "replaceCredential": CREDENTIAL,
    "setModelAlias": {"version": 1},
    "setModelRetraining": {"dataset_name": "rows"},
    "giveModelFeedback": {"data": ROWS[:1], "labels": [True]},
    "predictWithModel": {"data": ROWS[:1]},
}
"""Bodies of operations that refuse an empty one before they look for the resource."""
OF_ONE = {
    kind: [
        each
        for each in OPERATIONS.values()
        if each.path.startswith(f"/api/v1{path}/{{{IN_PATHS.get(kind, kind)}}}") and not each.public
    ]
    for kind, path in LISTS.items()
}
"""Every operation of the contract on one resource of a kind."""
KINDS = st.sampled_from(list(LISTS))
TENANTS = st.integers(0, 1)
STEPS = (
    *("make",) * 3,
    "end",
    *("reach_for_a_foreign_one",) * 8,
    *("name_a_foreign_dataset_in_a_job", "go_on_in_a_foreign_list") * 2,
    *("count", "look"),
)
"""What a tenant may do, the likelier the more often it is named."""
PICKS = st.integers(0, 10_000)


@dataclass
class Tenant:
    """What one tenant has, as its callers know it."""

    key: str
    has: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in LISTS})

    def one(self, kind: str, pick: int) -> str | None:
        """One of its resources."""
        ids = sorted(self.has[kind])
        return ids[pick % len(ids)] if ids else None


class Server:
    """The server under test, and a way to make tenants on it."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.api = httpx.Client(base_url=f"{base_url}/api/v1", timeout=120)
        self._settings = settings
        self.tried: Counter[str] = Counter()

    def tenant(self) -> Tenant:
        """A new tenant, and the key to everything in it."""

        async def make() -> str:
            engine = make_async_engine(self._settings)
            try:
                sessions = make_async_sessions(engine)
                tenants = TenantService(sessions, AuthService(sessions, self._settings.secret))
                return (await tenants.create(new_id("name")))[1]
            finally:
                await engine.dispose()

        tenant = Tenant(asyncio.run(make()))
        tenant.has["key_id"] = {item["key_id"] for item in self.listed(tenant, "/api-keys")}
        return tenant

    def ask(self, tenant: Tenant, method: str, path: str, **sent: Any) -> httpx.Response:
        """One request of a tenant; `path` is that of the contract, or begins behind its base."""
        headers = {"X-API-Key": tenant.key} | sent.pop("headers", {})
        return self.api.request(method, path.removeprefix("/api/v1"), headers=headers, **sent)

    def on_one(self, tenant: Tenant, operation: Operation, kind: str, value: str) -> httpx.Response:
        """An operation on the resource with this id."""
        within = {"delivery_id": new_id("whd"), "version": 1, "alias": "production"}
        path = operation.path.format(**{IN_PATHS.get(kind, kind): value, **within})
        sent: dict[str, Any] = {}
        if "application/json" in operation.request_media:
            sent["json"] = BODIES.get(operation.operation_id, {})
        return self.ask(tenant, operation.method, path, **sent)

    def listed(self, tenant: Tenant, path: str) -> list[dict[str, Any]]:
        """A whole list, two items a page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.ask(tenant, "GET", path, params={"limit": "2"} | cursor)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            if answer.json()["next_cursor"] is None:
                return items
            cursor = {"cursor": answer.json()["next_cursor"]}


class TenantsMachine(RuleBasedStateMachine):
    """Steps of two tenants; a model says what each of them has."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.tenants = [self.server.tenant(), self.server.tenant()]
        for who in (0, 1):
            for kind in LISTS:
                self.make(who, kind, 0)

    @rule(step=st.sampled_from(STEPS), who=TENANTS, kind=KINDS, pick=PICKS, which=PICKS)
    def step(self, step: str, who: int, kind: str, pick: int, which: int) -> None:
        """A tenant does one thing; one rule for all, so that no example leaves any of them out."""
        getattr(self, step)(who, kind, pick, which)

    def make(self, who: int, kind: str, pick: int, _which: int = 0) -> None:
        """A tenant makes a resource of its own."""
        tenant = self.tenants[who]
        if kind == "dataset_id":
            answer = self._post(tenant, "/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
        elif kind == "job_id":
            dataset = tenant.one("dataset_id", pick)
            if dataset is None:
                return
            answer = self._post(tenant, "/batch", json={"data_sources": [dataset]})
        elif kind == "key_id":
            answer = self._post(tenant, "/api-keys", json={"name": "k", "scopes": ["jobs:read"]})["api_key"]
        elif kind == "endpoint_id":
            answer = self._post(tenant, "/webhooks", json={"url": "https://1.1.1.1/hook"})["endpoint"]
        elif kind == "model_id":
            dataset = tenant.one("dataset_id", pick)
            if dataset is None:
                return
            training = {"name": new_id("m").replace("_", "-"), "data_sources": [dataset]}
            job = self._post(tenant, "/models", json=training)["job_id"]
            tenant.has["job_id"].add(job)
            ended = self.server.ask(tenant, "GET", f"/jobs/{job}", params={"wait": "60"}).json()
            assert ended["state"] == "succeeded", ended
            answer = ended["model"]
        else:
            answer = self._post(tenant, "/credentials", json=CREDENTIAL)
        tenant.has[kind].add(answer[kind])

    def end(self, who: int, kind: str, pick: int, _which: int) -> None:
        """A tenant deletes, revokes or cancels a resource of its own."""
        tenant = self.tenants[who]
        value = tenant.one(kind, pick)
        if value is None or value == min(tenant.has["key_id"]):
            return
        path = f"{LISTS[kind]}/{value}"
        answer = self.server.ask(
            tenant, *(("POST", f"{path}/cancel") if kind == "job_id" else ("DELETE", path))
        )
        self.server.tried["own resource ended"] += 1
        assert answer.status_code in {200, 204, 409}, answer.text
        if answer.status_code == 204:
            tenant.has[kind].remove(value)

    def reach_for_a_foreign_one(self, who: int, kind: str, pick: int, which: int) -> None:
        """A tenant tries an operation on what is the other's; the answer is that of what does not exist."""
        tenant, other = self.tenants[who], self.tenants[1 - who]
        value = other.one(kind, pick)
        if value is None:
            return
        operation = OF_ONE[kind][which % len(OF_ONE[kind])]
        missing = new_id(value.split("_")[0])
        answers = [self.server.on_one(tenant, operation, kind, each) for each in (value, missing)]
        self.server.tried["foreign resource reached for"] += 1
        assert [answer.status_code for answer in answers] == [404, 404], (
            operation.operation_id,
            answers[0].text,
        )
        said = [answer.json()["detail"] for answer in answers]
        assert said[0].replace(value, "ID") == said[1].replace(missing, "ID")
        assert self.server.ask(other, "GET", f"{LISTS[kind]}/{value}").status_code == 200

    def name_a_foreign_dataset_in_a_job(self, who: int, _kind: str, pick: int, _which: int) -> None:
        """A tenant submits a job on the other's dataset, alone or beside its own."""
        tenant, other = self.tenants[who], self.tenants[1 - who]
        foreign = other.one("dataset_id", pick)
        if foreign is None:
            return
        sources = [each for each in (tenant.one("dataset_id", pick), foreign) if each is not None]
        answer = self.server.ask(tenant, "POST", "/batch", json={"data_sources": sources})
        self.server.tried["foreign dataset named"] += 1
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

    def go_on_in_a_foreign_list(self, who: int, kind: str, _pick: int, _which: int) -> None:
        """A tenant goes on where the other's page ended."""
        tenant, other = self.tenants[who], self.tenants[1 - who]
        page = self.server.ask(other, "GET", LISTS[kind], params={"limit": "1"}).json()
        if page["next_cursor"] is None:
            return
        answer = self.server.ask(tenant, "GET", LISTS[kind], params={"cursor": page["next_cursor"]})
        self.server.tried["foreign cursor used"] += 1
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")

    def count(self, who: int, _kind: str, _pick: int, _which: int) -> None:
        """What a tenant is told it uses is what it has."""
        tenant = self.tenants[who]
        usage = self.server.ask(tenant, "GET", "/usage").json()
        self.server.tried["usage compared"] += 1
        models = sum(
            self.server.listed(tenant, f"/models/{model}/versions")[0]["artefact"]["size_bytes"]
            for model in tenant.has["model_id"]
        )
        assert usage["stored_bytes"]["used"] == len(TABLE) * len(tenant.has["dataset_id"]) + models

    def look(self, who: int, kind: str, _pick: int = 0, _which: int = 0) -> None:
        """A tenant's list holds what it has, no more and no less."""
        tenant = self.tenants[who]
        listed = [item[kind] for item in self.server.listed(tenant, LISTS[kind])]
        self.server.tried["list compared"] += 1
        assert sorted(listed) == sorted(tenant.has[kind])

    def teardown(self) -> None:
        for who in (0, 1):
            for kind in LISTS:
                self.look(who, kind)
            actors = {entry["actor"] for entry in self.server.listed(self.tenants[who], "/audit-log")}
            self.server.tried["audit log compared"] += 1
            assert actors <= self.tenants[who].has["key_id"]

    def _post(self, tenant: Tenant, path: str, **sent: Any) -> dict[str, Any]:
        answer = self.server.ask(tenant, "POST", path, **sent)
        self.server.tried["own resource made"] += 1
        assert answer.status_code in {201, 202}, answer.text
        made: dict[str, Any] = answer.json()
        return made


@pytest.fixture(scope="module")
def server(stack: Any) -> Server:
    return Server(stack.base_url, Settings.load(data_dir=stack.data_dir, redis_url="redis://nobody.asks"))


@pytest.mark.slow
def test_nothing_crosses_between_two_tenants_whatever_they_do(server):
    class OnThisServer(TenantsMachine):
        pass

    OnThisServer.server = server
    run_state_machine_as_test(
        OnThisServer,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS_OF_ONE,
            suppress_health_check=list(HealthCheck),
            # What failed once on a live server is told as it was; tries of shorter ones take minutes.
            phases=[Phase.generate],
        ),
    )
    told = ", ".join(f"{count} x {what}" for what, count in sorted(server.tried.items()))
    print(f"\n{sum(server.tried.values())} cases tried, 0 failed: {told}")
    assert server.tried["foreign resource reached for"] > 0
