"""Who may call what: every operation of the contract, tried by every kind of caller that must be kept out.

An operation whose path names a resource that `OWN` does not make, or that belongs to no known kind of caller,
fails here; so a new one needs a decision.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from pynomaly_server.auth.access_tokens import AccessTokens
from pynomaly_server.auth.keys import new_key
from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.auth.principal import SCOPES, Principal
from pynomaly_server.auth.repository import TenantRepository
from pynomaly_server.auth.roles import ROLES
from pynomaly_server.auth.service import AuthService
from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm
from pynomaly_server.auth.users import UserService
from pynomaly_server.contract.operations import OPERATIONS, Operation
from pynomaly_server.contract.structs import UserCreation
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.ids import new_id
from pynomaly_server.settings import Settings

pytestmark = pytest.mark.proof("callers to be kept out")
GUARDED = [operation for operation in OPERATIONS.values() if not operation.public]
SCOPED = [operation for operation in GUARDED if operation.scopes]
OF_A_RESOURCE = [
    operation for operation in GUARDED if "_id}" in operation.path or "/models/{name}" in operation.path
]
CREDENTIAL = {
    "name": "c",
    "s3": {"access_key_id": "a", "secret_access_key": "b", "endpoint": "https://1.1.1.1"},
}
BODIES = {
    "replaceCredential": CREDENTIAL,
    "setModelAlias": {"version": 1},
    "giveModelFeedback": {"data": [{"a": 1, "b": 2}], "labels": [True]},
    "setModelRetraining": {"dataset_name": "rows"},
    "predictWithModel": {"data": [{"a": 1, "b": 2}]},
}
"""Bodies of operations that refuse an empty one before they look for the resource."""
PASSWORD = "correct horse battery staple"
TABLE = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 7, n % 5) for n in range(40))


@dataclass
class Doors:
    """The server's address, and ways to make callers of its tenants."""

    base_url: str
    settings: Settings

    def ask(self, question: Callable[[AuthService, Any], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            engine = make_async_engine(self.settings)
            try:
                sessions = make_async_sessions(engine)
                return await question(AuthService(sessions, self.settings.secret), sessions)
            finally:
                await engine.dispose()

        return asyncio.run(connected())

    def key(self, *scopes: str) -> str:
        async def make(auth: AuthService, _sessions: Any) -> str:
            return (await auth.create_key(await auth.default_tenant() or "", "tests", scopes))[0]

        return str(self.ask(make))

    def neighbour(self) -> tuple[str, str]:
        """Another tenant, and a key that may do everything there."""

        async def make(auth: AuthService, sessions: Any) -> tuple[str, str]:
            tenant = new_id("ten")
            async with sessions.write() as session:
                await TenantRepository(session).add(tenant, f"neighbour {tenant}")
                await session.commit()
            return tenant, (await auth.create_key(tenant, "neighbour", ["*"]))[0]

        made: tuple[str, str] = self.ask(make)
        return made

    def user(self, role: str, tenant: str | None = None) -> dict[str, Any]:
        """The tokens of a new user, who has logged in; `sub` and `username` say who it is."""
        name = f"{role}-{new_id('x')}"

        async def make(auth: AuthService, sessions: Any) -> str:
            tenant_id = tenant or await auth.default_tenant() or ""
            service = UserService(sessions, Passwords(), Cursors(self.settings.secret))
            admin = Principal(tenant_id, "tests", frozenset("*"))
            made = await service.create(admin, UserCreation(username=name, password=PASSWORD, role=role))
            return made.user_id

        user_id = self.ask(make)
        login = {"username": name, "password": PASSWORD} | ({"tenant": tenant} if tenant else {})
        answer = httpx.post(f"{self.base_url}/api/v1/auth/token", json=login, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json() | {"user_id": user_id, "username": name}

    def token_of(self, user_id: str, session_id: str, since: float) -> str:
        """An access token as the server itself would have issued it at that time."""

        async def issue(_auth: AuthService, sessions: Any) -> str:
            keys = SigningKeys(sessions, self.settings.secret, TokenAlgorithm.EDDSA, 900)
            tokens = AccessTokens(keys, 900, lambda: since)
            return tokens.issue(await tokens.signer(), user_id, session_id)

        return str(self.ask(issue))

    def call(self, operation: Operation, key: str | None, **path: str) -> httpx.Response:
        """A request that is in order but for its caller."""
        names = [part.name for part in operation.parameters if part.location == "path"]
        url = operation.path.format(**{name: path.get(name, "none") for name in names})
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        sent = BODIES.get(operation.operation_id, {})
        body = json.dumps(sent).encode() if "application/json" in operation.request_media else b""
        if body:
            headers["Content-Type"] = "application/json"
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            return client.request(operation.method, url, headers=headers, content=body or None)


@pytest.fixture(scope="module")
def doors(stack: Any) -> Doors:
    return Doors(stack.base_url, Settings.load(data_dir=stack.data_dir, redis_url="redis://nobody.asks"))


@pytest.fixture(scope="module")
def foreigners(doors: Doors) -> dict[str, str]:
    """Credentials of another tenant's callers, who may do everything there."""
    tenant, key = doors.neighbour()
    return {"key": key, "user": doors.user("admin", tenant)["access_token"]}


@pytest.fixture(scope="module")
def users(doors: Doors) -> dict[str, dict[str, Any]]:
    """A user of each role with their tokens."""
    return {role: doors.user(role) for role in ROLES}


@pytest.fixture(scope="module")
def bad_tokens(doors: Doors, users: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What an admin's tokens become: each is refused."""
    admin = users["admin"]
    payload = admin["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    ended = doors.user("admin")
    logged_out = httpx.post(
        f"{doors.base_url}/api/v1/auth/token/revoke", json={"refresh_token": ended["refresh_token"]}
    )
    assert logged_out.status_code == 204
    return {
        "expired": doors.token_of(admin["user_id"], claims["sid"], time.time() - 901),
        "from the future": doors.token_of(admin["user_id"], claims["sid"], time.time() + 3600),
        "of no session": doors.token_of(admin["user_id"], new_id("ses"), time.time()),
        "of another user's session": doors.token_of(users["viewer"]["user_id"], claims["sid"], time.time()),
        "of a session that was ended": ended["access_token"],
        "without its signature": admin["access_token"].rsplit(".", 1)[0] + ".",
        "a refresh token": admin["refresh_token"],
    }


@pytest.fixture(scope="module")
def own(stack: Any) -> dict[str, str]:
    """One resource of each kind, by the name of its parameter in paths."""
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"X-API-Key": stack.api_key}, timeout=60
    ) as api:
        made = {}
        answer = api.post("/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
        made["dataset_id"] = answer.json()["dataset_id"]
        made["job_id"] = api.post("/batch", json={"data_sources": [made["dataset_id"]]}).json()["job_id"]
        made["key_id"] = api.post("/api-keys", json={"name": "k", "scopes": ["jobs:read"]}).json()["api_key"][
            "key_id"
        ]
        made["credential_id"] = api.post("/credentials", json=CREDENTIAL).json()["credential_id"]
        webhook = api.post("/webhooks", json={"url": "https://1.1.1.1/hook"}).json()
        made["endpoint_id"] = webhook["endpoint"]["endpoint_id"]
        made["name"] = "own-model"
        rows = [{"a": n % 7, "b": n % 5} for n in range(40)]
        job = api.post("/models", json={"name": made["name"], "data": rows}).json()
        ended = api.get(f"/jobs/{job['job_id']}?wait=60").json()
        assert ended["state"] == "succeeded", ended
        user = {"username": new_id("own"), "password": PASSWORD, "role": "viewer"}
        made["user_id"] = api.post("/users", json=user).json()["user_id"]
    return made


def code_of(response: httpx.Response) -> str:
    return str(json.loads(response.text)["code"])


def named(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "operation", operations, ids=[operation.operation_id for operation in operations]
    )


@named(GUARDED)
def test_without_a_credential_nobody_gets_in(doors, operation):
    response = doors.call(operation, None)
    assert (response.status_code, code_of(response)) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"]


@named(GUARDED)
def test_with_a_key_that_was_never_made_nobody_gets_in(doors, operation):
    response = doors.call(operation, new_key()[0])
    assert (response.status_code, code_of(response)) == (401, "unauthenticated")


@named(SCOPED)
def test_a_key_with_every_scope_but_the_one_needed_is_refused(doors, operation):
    lacking = operation.scopes[0]
    response = doors.call(operation, doors.key(*(SCOPES - {lacking})))
    assert (response.status_code, code_of(response)) == (403, "forbidden")
    assert lacking in json.loads(response.text)["detail"]


@named(GUARDED)
def test_with_a_token_that_is_not_good_any_more_nobody_gets_in(doors, bad_tokens, operation):
    answers = {kind: doors.call(operation, token) for kind, token in bad_tokens.items()}
    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(bad_tokens, 401)
    assert {code_of(answer) for answer in answers.values()} == {"unauthenticated"}


@named(GUARDED)
def test_each_role_is_let_in_where_its_scopes_say_so_and_nowhere_else(doors, users, operation):
    for role, user in users.items():
        may = Principal("ten", "usr", ROLES[role]).may
        response = doors.call(operation, user["access_token"])
        if all(may(scope) for scope in operation.scopes):
            assert response.status_code not in {401, 403}, f"{role}: {response.text}"
        else:
            assert (response.status_code, code_of(response)) == (403, "forbidden"), role


@named(OF_A_RESOURCE)
@pytest.mark.parametrize("kind", ["key", "user"])
def test_a_foreign_resource_is_answered_as_one_that_does_not_exist(doors, own, foreigners, operation, kind):
    foreigner = foreigners[kind]
    name = next(part.name for part in operation.parameters if part.location == "path")
    assert name in own, f"{operation.operation_id} is about {name}, which these tests do not make"
    prefix = own[name].split("_")[0]
    within = {"delivery_id": new_id("whd"), "version": "1", "alias": "production"}
    foreign = doors.call(operation, foreigner, **within, **{name: own[name]})
    missing = doors.call(operation, foreigner, **within, **{name: new_id(prefix)})
    assert foreign.status_code == missing.status_code == 404
    said = [json.loads(response.text) for response in (foreign, missing)]
    assert said[0]["detail"].replace(own[name], "ID") == said[1]["detail"].replace(
        missing.url.path.split("/")[4], "ID"
    )
