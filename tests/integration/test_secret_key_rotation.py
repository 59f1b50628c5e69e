"""Another secret key takes the place of the server's, and everybody's keys, models and secrets go on."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace

import httpx
import pytest
import sqlalchemy as sa
from tests.integration.conftest import SECRET, create_database, open_world
from tests.integration.registry import UNLABELLED, Registry

from pynomaly import webhooks as receiving
from pynomaly_server.app import create_app
from pynomaly_server.audit.chain import Chain
from pynomaly_server.audit.verification import _deed
from pynomaly_server.cli import main
from pynomaly_server.credentials.vault import open_now
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.db.tables import (
    AuditRow,
    CredentialRow,
    FormerSecretKeyRow,
    ModelVersionRow,
)
from pynomaly_server.models import signing_anew
from pynomaly_server.models.packages.signatures import PackageKeys
from pynomaly_server.outbound.posting import Answer
from pynomaly_server.problems import ProblemError
from pynomaly_server.secret_keys.former import FormerKeys
from pynomaly_server.settings import Settings
from pynomaly_server.webhooks.deliverer import Deliverer
from pynomaly_server.webhooks.queue import Claim
from pynomaly_server.webhooks.signing import Secrets

PACKAGE = "application/vnd.pynomaly.model-package"
PASSWORD = "correct horse battery staple"
NEW_SECRET = "the-next-secret-key-of-this-installation"
S3_SECRET = "canary-of-the-stored-credential"


class Server:
    """An API process with these settings, and a sender of webhooks."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._app = create_app(settings)

    async def ask(self, method, path, key=None, **more):
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server/api/v1") as client:
            if key is not None:
                client.headers["authorization"] = f"Bearer {key}"
            return await client.request(method, path, **more)

    async def made(self, method, path, key=None, **more):
        """The answer's body, where it succeeded."""
        answer = await self.ask(method, path, key, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def scores(self, key):
        return (await self.made("POST", "/models/fraud/predict", key, json={"data": UNLABELLED}))["scores"]


@dataclass(frozen=True)
class Left:
    """What somebody has left at a server under its first secret key, and how to get at it."""

    tenant_id: str
    used_key: str
    unused_key: str
    tokens: dict[str, str]
    unused_tokens: dict[str, str]
    credential_id: str
    endpoint: dict[str, object]
    cursor: str
    package: bytes
    scores: list[float]


async def left_at(settings: Settings) -> Left:
    """Use an empty server in every way that its secret key has to do with."""
    async with open_world(settings) as world:
        tenant = world.principal.tenant_id
        await Registry.of(world).train()
        keys = [(await world.auth.create_key(tenant, name, ["*"]))[0] for name in ("used", "unused")]
    server, key = Server(settings), keys[0]
    login = {"tenant": tenant, "username": "ada", "password": PASSWORD}
    user = {"username": "ada", "password": PASSWORD, "role": "operator"}
    await server.made("POST", "/users", key, json=user)
    tokens = [await server.made("POST", "/auth/token", json=login) for _ in range(2)]
    s3 = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": S3_SECRET}
    credential = {"name": "archive", "s3": s3 | {"endpoint": "https://1.1.1.1"}}
    stored = await server.made("POST", "/credentials", key, json=credential)
    endpoint = await server.made("POST", "/webhooks", key, json={"url": "https://1.1.1.1/hook"})
    page = await server.made("GET", "/api-keys?limit=1", key)
    package = (await server.ask("GET", "/models/fraud/package", key)).content
    scores = await server.scores(key)
    return Left(
        tenant, *keys, *tokens, stored["credential_id"], endpoint, page["next_cursor"], package, scores
    )


class Installation:
    """A server's database and storage, what was left there, and its processes."""

    def __init__(self, settings: Settings, left: Left, sessions) -> None:
        self.settings = settings
        self.left = left
        self.sessions = sessions

    def server(self, **changes):
        """A process that has been told these settings."""
        told = ("data_dir", "database_url", "redis_url", "storage_url", "secret_key")
        return Server(Settings.load(**({name: getattr(self.settings, name) for name in told} | changes)))

    def overlapping(self):
        """A process with the new secret key that was told the one before."""
        return self.server(secret_key=NEW_SECRET, secret_key_previous=self.settings.secret)

    def renewed(self):
        """A process that knows the new secret key alone."""
        return self.server(secret_key=NEW_SECRET)

    async def message(self, settings):
        """A webhook's body and headers, as they are sent under these settings."""
        sent = []

        class Receiver:
            async def post(self, _url, body, headers):
                sent.append((body, headers))
                return Answer(204, None)

        former = FormerKeys(self.sessions, settings.secret, settings.former_secrets)
        payload = '{"type":"webhook.test","timestamp":"2026-01-01T00:00:00Z","data":{}}'
        endpoint_id = self.left.endpoint["endpoint"]["endpoint_id"]
        claim = Claim("whd_1", "ten_1", endpoint_id, 1, 1, payload, "https://1.1.1.1", True, (1,))
        await Deliverer(None, Receiver(), Secrets(settings.secret), former).attempt(claim)
        return sent[0]

    async def rows(self, column):
        async with self.sessions.read() as session:
            return (await session.scalars(sa.select(column))).all()


def at(data_dir, database_url, valkey) -> Settings:
    return Settings.load(data_dir=data_dir, database_url=database_url, redis_url=valkey, secret_key=SECRET)


@pytest.fixture(autouse=True, scope="module")
def _logs_stay_as_they_are():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pynomaly_server.app.configure_logging", lambda _: None)
        yield


@pytest.fixture(scope="module")
def template(_logs_stay_as_they_are, tmp_path_factory, migrated, valkey):
    """A data folder of SQLite, made once and copied for each test, and what is left in it."""
    folder = tmp_path_factory.mktemp("installation")
    shutil.copy(migrated, folder / "pynomaly.db")
    return folder, asyncio.run(left_at(at(folder, "", valkey)))


@pytest.fixture
async def installation(template, tmp_path, valkey):
    folder, left = template
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    settings = at(tmp_path, "", valkey)
    engine = make_async_engine(settings)
    yield Installation(settings, left, make_async_sessions(engine))
    await engine.dispose()


@pytest.fixture
def rotate(monkeypatch, capsys):
    """Run a command of the server with the new secret key and the one before in its environment."""

    async def rotate(installation, *words, **changes):
        settings = installation.settings
        told = {
            "PYNOMALY_DATA_DIR": settings.data_dir,
            "DATABASE_URL": settings.database_url,
            "PYNOMALY_STORAGE_URL": settings.storage_url,
            "PYNOMALY_SECRET_KEY": NEW_SECRET,
            "PYNOMALY_SECRET_KEY_PREVIOUS": settings.secret,
        }
        with monkeypatch.context() as patch:
            for name, value in (told | changes).items():
                patch.setenv(name, str(value))
            status = await asyncio.to_thread(main, [*(words or ("keys", "rotate-installation"))])
        return status, "".join(capsys.readouterr())

    return rotate


def _no_storage(*_):
    raise OSError("the storage is away")


async def works(installation, server):
    """What was left under the first secret key does its work: models, credentials and webhooks."""
    left = installation.left
    assert await server.scores(left.used_key) == left.scores
    opened = open_now(server.settings, left.tenant_id, left.credential_id)
    assert opened.secret_access_key == S3_SECRET
    body, headers = await installation.message(server.settings)
    receiving.verify(body, headers, left.endpoint["secret"])
    packed = await server.ask("GET", "/models/fraud/package", left.used_key)
    assert packed.is_success, packed.text


async def test_under_a_new_secret_key_alone_nothing_of_before_is_good(installation):
    server = installation.renewed()
    for credential in (installation.left.used_key, installation.left.tokens["access_token"]):
        assert (await server.ask("GET", "/me", credential)).status_code == 401
    with pytest.raises(ProblemError) as unreadable:
        open_now(server.settings, installation.left.tenant_id, installation.left.credential_id)
    assert unreadable.value.code == "credential-unreadable"


async def test_a_process_that_was_told_the_key_before_takes_all_that_was_made_under_it(installation):
    left = installation.left
    server = installation.overlapping()
    await works(installation, server)
    assert await server.made("GET", "/me", left.tokens["access_token"])
    assert await server.made("GET", f"/api-keys?limit=1&cursor={left.cursor}", left.used_key)
    refresh = {"refresh_token": left.tokens["refresh_token"]}
    assert await server.made("POST", "/auth/token/refresh", json=refresh)
    sent = {"headers": {"content-type": PACKAGE}, "content": left.package}
    taken = await server.made("POST", "/model-packages?name=copy", left.used_key, **sent)
    assert taken["name"] == "copy"


async def test_nothing_new_is_made_under_the_key_before(installation):
    left = installation.left
    server = installation.overlapping()
    key, refresh = left.used_key, {"refresh_token": left.tokens["refresh_token"]}
    made = (await server.made("POST", "/api-keys", key, json={"name": "new", "scopes": ["*"]}))["key"]
    tokens = await server.made("POST", "/auth/token/refresh", json=refresh)
    package = (await server.ask("GET", "/models/fraud/package", key)).content
    alone = installation.renewed()
    assert await alone.made("GET", "/me", made)
    assert await alone.made("GET", "/me", tokens["access_token"])
    assert await alone.made("POST", "/auth/token/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert PackageKeys(NEW_SECRET).public.encode() in package


async def test_a_key_that_is_used_is_kept_under_the_new_secret_key_from_then_on(installation):
    await installation.overlapping().made("GET", "/me", installation.left.used_key)
    alone = installation.renewed()
    assert await alone.made("GET", "/me", installation.left.used_key)
    assert (await alone.ask("GET", "/me", installation.left.unused_key)).status_code == 401


async def test_a_process_with_the_old_key_that_was_told_the_coming_one_works_beside_the_new(installation):
    """So that no request is refused while one process after another gets the new key."""
    left = installation.left
    early = installation.server(secret_key_previous=NEW_SECRET)
    late = installation.overlapping()
    for _ in range(2):
        for server in (late, early):
            await works(installation, server)
    made = await late.made("POST", "/api-keys", left.used_key, json={"name": "n", "scopes": ["*"]})
    assert await early.made("GET", "/me", made["key"])


async def goes_on_alone(installation, rotate):
    """Rotate, and do without the key before."""
    left = installation.left
    await installation.overlapping().made("GET", "/me", left.used_key)
    status, printed = await rotate(installation)
    assert status == 0, printed
    assert "former secret keys: 1, 1 of them taken over\n" in printed
    assert "stored credentials: 1, 1 of them taken over\n" in printed
    assert "versions of models: 1, 1 of them taken over\n" in printed
    server = installation.renewed()
    await works(installation, server)
    assert await server.made("GET", "/me", left.unused_key)
    refresh = {"refresh_token": left.unused_tokens["refresh_token"]}
    assert await server.made("POST", "/auth/token/refresh", json=refresh)
    # What lives for minutes is not taken over: whoever knows the former key could make it, too.
    assert (await server.ask("GET", "/me", left.tokens["access_token"])).status_code == 401
    answer = await server.ask("GET", f"/api-keys?cursor={left.cursor}", left.used_key)
    assert answer.status_code == 422


async def test_after_the_command_everything_works_without_the_key_before(installation, rotate):
    await goes_on_alone(installation, rotate)


async def test_the_same_goes_for_postgresql(postgres, migrated_postgres, tmp_path, valkey, rotate):
    settings = at(tmp_path, postgres.get_uri(create_database(postgres, migrated_postgres)), valkey)
    engine = make_async_engine(settings)
    await goes_on_alone(Installation(settings, await left_at(settings), make_async_sessions(engine)), rotate)
    await engine.dispose()


async def test_the_command_once_more_changes_nothing(installation, rotate):
    await rotate(installation)
    columns = (CredentialRow.sealed, ModelVersionRow.artefact_key, ModelVersionRow.artefact_sha256)
    before = [await installation.rows(column) for column in columns]
    status, printed = await rotate(installation)
    assert status == 0
    assert printed.count("1, 0 of them taken over") == 3
    assert [await installation.rows(column) for column in columns] == before


async def test_an_interrupted_command_goes_on_where_it_was(installation, rotate, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(signing_anew, "put", _no_storage)
        with pytest.raises(OSError, match="storage is away"):
            await rotate(installation)
    await works(installation, installation.overlapping())
    status, printed = await rotate(installation)
    assert status == 0
    assert "stored credentials: 1, 0 of them taken over\n" in printed
    assert "versions of models: 1, 1 of them taken over\n" in printed
    await works(installation, installation.renewed())


async def test_a_second_rotation_keeps_what_the_first_could_not_make_anew(installation, rotate):
    await rotate(installation)
    third = "the-third-secret-key-of-this-installation"
    status, printed = await rotate(
        installation, PYNOMALY_SECRET_KEY=third, PYNOMALY_SECRET_KEY_PREVIOUS=NEW_SECRET
    )
    assert status == 0
    assert "former secret keys: 2, 2 of them taken over\n" in printed
    server = installation.server(secret_key=third)
    await works(installation, server)
    assert await server.made("GET", "/me", installation.left.unused_key)


async def test_the_audit_log_is_verified_across_the_keys(installation, rotate):
    await rotate(installation)
    await installation.renewed().made("GET", "/me", installation.left.used_key)
    await act(installation, installation.renewed())
    status, printed = await rotate(installation, "audit", "verify", PYNOMALY_SECRET_KEY_PREVIOUS="")
    assert (status, "changed" in printed) == (0, False), printed


async def test_whoever_knows_the_former_key_can_neither_change_the_audit_log_nor_go_on_with_it(
    installation, rotate
):
    await rotate(installation)
    await act(installation, installation.renewed())
    thief = installation.server()
    await act(installation, thief, installation.left.used_key)
    status, printed = await rotate(installation, "audit", "verify", PYNOMALY_SECRET_KEY_PREVIOUS="")
    assert (status, printed.count("was changed or moved")) == (1, 1), printed
    [first, *_] = await installation.rows(AuditRow)
    async with installation.sessions.write() as session:
        forged = Chain(SECRET).hash(replace(_deed(first), actor="key_else"), first.seq, first.previous_hash)
        await session.execute(
            sa.update(AuditRow).where(AuditRow.seq == first.seq).values(actor="key_else", hash=forged)
        )
        await session.commit()
    status, printed = await rotate(installation, "audit", "verify", PYNOMALY_SECRET_KEY_PREVIOUS="")
    assert status == 1
    assert "entry 2 does not follow the one before it" in printed


async def act(installation, server, api_key=None):
    """Do something that is noted in the audit log."""
    key = {"name": "noted", "scopes": ["jobs:read"]}
    await server.made("POST", "/api-keys", api_key or installation.left.unused_key, json=key)


async def test_what_no_key_opens_is_named_and_keeps_nothing_else_from_being_taken_over(installation, rotate):
    for path in installation.settings.data_dir.glob("objects/tenants/*/models/**/*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    [model] = await installation.rows(ModelVersionRow.model_id)
    status, printed = await rotate(installation)
    assert status == 0
    assert f"versions of models: 1, 0 of them taken over; no key opens 1: {model}:1\n" in printed
    assert "stored credentials: 1, 1 of them taken over\n" in printed


async def test_without_a_former_key_the_command_says_what_to_set(installation, rotate):
    status, printed = await rotate(installation, PYNOMALY_SECRET_KEY_PREVIOUS="")
    assert status == 1
    assert printed == (
        "pynomaly: PYNOMALY_SECRET_KEY_PREVIOUS names no secret key but the one that is the server's now. "
        "Set it to the one before, and PYNOMALY_SECRET_KEY to the new one, for every process and this "
        "command.\n"
    )


async def test_the_former_key_itself_is_stored_nowhere_in_plain_text(installation, rotate):
    await rotate(installation)
    [sealed] = await installation.rows(FormerSecretKeyRow.sealed)
    assert installation.settings.secret.encode() not in sealed
    assert NEW_SECRET.encode() not in sealed
