"""Stored credentials in both databases: sealed, never shown, kept for the jobs that need them."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.repository import TenantRepository
from pynomaly_server.contract.structs import CredentialRequest
from pynomaly_server.credentials import service as service_module
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.credentials.vault import open_now
from pynomaly_server.db.tables import CredentialRow
from pynomaly_server.ids import new_id
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.problems import ProblemError

CANARY = "canary-3f9d2c71b0"


def wanted(name="archive", **secrets):
    if not secrets:
        secrets = {"s3": s3()}
    return msgspec.convert({"name": name, **secrets}, CredentialRequest)


def s3(**fields):
    return {
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": CANARY,
        "endpoint": "https://1.1.1.1",
        **fields,
    }


def postgresql(**fields):
    return {"host": "1.1.1.1", "user": "reader", "password": CANARY, **fields}


@pytest.fixture(scope="module")
def private_key():
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def credentials(world):
    return CredentialService(world.async_sessions, Guard(), world.settings.secret)


@pytest.fixture
async def neighbour(world):
    tenant = new_id("ten")
    async with world.async_sessions.write() as session:
        await TenantRepository(session).add(tenant, "neighbour")
        await session.commit()
    return Principal(tenant, "key", frozenset({"*"}))


async def refused(work):
    with pytest.raises(ProblemError) as caught:
        await work
    assert CANARY not in repr(caught.value)
    return caught.value


async def test_secrets_come_back_for_a_worker_and_for_nobody_else(world, credentials):
    stored = await credentials.create(world.principal, wanted())
    assert (stored.kind, stored.hint, stored.endpoint) == ("s3", "…MPLE", "https://1.1.1.1")
    shown = [stored, await credentials.get(world.principal, stored.credential_id)]
    shown += (await credentials.list(world.principal, limit=10)).items
    assert all(each == stored for each in shown)
    assert CANARY not in repr(shown)
    opened = open_now(world.settings, world.principal.tenant_id, stored.credential_id)
    assert opened == wanted().s3


async def test_the_row_holds_no_secret_in_any_column(world, credentials):
    await credentials.create(world.principal, wanted())
    await credentials.create(world.principal, wanted(postgresql=postgresql()))
    with world.sessions.read() as session:
        rows = session.execute(sa.select(CredentialRow.__table__)).all()
    assert len(rows) == 2
    assert CANARY not in repr(rows)
    assert not any(CANARY.encode() in row.sealed for row in rows)


async def test_a_changed_secret_key_is_said_and_not_guessed_around(world, credentials):
    stored = await credentials.create(world.principal, wanted())
    later = CredentialService(world.async_sessions, Guard(), "another secret key of thirty-two characters")
    said = await refused(later.opened(world.principal, [stored.credential_id]))
    assert (said.code, said.status) == ("credential-unreadable", 409)
    assert said.detail == (
        f"The credential {stored.credential_id} was stored under another secret key of the server, or was "
        f"damaged. Replace it (PUT /api/v1/credentials/{stored.credential_id})."
    )
    await later.replace(world.principal, stored.credential_id, wanted())
    assert await later.opened(world.principal, [stored.credential_id])


async def test_sealed_secrets_moved_to_another_row_open_nothing(world, credentials):
    one = await credentials.create(world.principal, wanted())
    other = await credentials.create(world.principal, wanted())
    with world.sessions.write() as session:
        sealed = session.scalar(sa.select(CredentialRow.sealed).where(CredentialRow.id == one.credential_id))
        session.execute(
            sa.update(CredentialRow).where(CredentialRow.id == other.credential_id).values(sealed=sealed)
        )
        session.commit()
    said = await refused(credentials.opened(world.principal, [other.credential_id]))
    assert said.code == "credential-unreadable"


async def test_a_replaced_credential_keeps_its_id_and_nothing_else(world, credentials):
    stored = await credentials.create(world.principal, wanted())
    new = wanted("other", s3=s3(access_key_id="AKIDNEWKEY", secret_access_key="new", region="eu-west-1"))
    replaced = await credentials.replace(world.principal, stored.credential_id, new)
    assert (replaced.credential_id, replaced.name, replaced.hint) == (stored.credential_id, "other", "…WKEY")
    assert replaced.updated_at > stored.updated_at
    assert open_now(world.settings, world.principal.tenant_id, stored.credential_id) == new.s3


async def test_a_credential_does_not_change_its_kind(world, credentials):
    stored = await credentials.create(world.principal, wanted())
    change = credentials.replace(
        world.principal, stored.credential_id, wanted(postgresql=postgresql(host="1.1.1.1"))
    )
    said = await refused(change)
    assert said.code == "validation"
    assert "which is s3" in said.detail


async def test_a_foreign_credential_is_answered_as_a_missing_one(world, credentials, neighbour):
    stored = await credentials.create(world.principal, wanted())
    missing = new_id("crd")
    for ask in (
        lambda each: credentials.get(neighbour, each),
        lambda each: credentials.replace(neighbour, each, wanted()),
        lambda each: credentials.delete(neighbour, each),
        lambda each: credentials.opened(neighbour, [each]),
        lambda each: asyncio.to_thread(open_now, world.settings, neighbour.tenant_id, each),
    ):
        said = [await refused(ask(each)) for each in (stored.credential_id, missing)]
        assert said[0].code == said[1].code == "not-found"
        assert said[0].detail == said[1].detail.replace(missing, stored.credential_id)
    assert (await credentials.list(neighbour, limit=10)).items == []
    assert await credentials.get(world.principal, stored.credential_id) == stored


async def test_a_deleted_credential_is_gone(world, credentials):
    stored = await credentials.create(world.principal, wanted())
    await credentials.delete(world.principal, stored.credential_id)
    assert (await refused(credentials.get(world.principal, stored.credential_id))).code == "not-found"


async def test_a_tenant_has_no_more_credentials_than_the_limit(world, credentials, monkeypatch):
    monkeypatch.setattr(service_module, "MOST_CREDENTIALS", 3)
    outcomes = await asyncio.gather(
        *(credentials.create(world.principal, wanted()) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(each, ProblemError) and each.code == "conflict" for each in outcomes) == 3
    assert len((await credentials.list(world.principal, limit=10)).items) == 3


async def test_a_service_account_is_told_by_its_address(world, credentials, private_key):
    document = {"type": "service_account", "client_email": "a@b.example", "private_key": private_key}
    request = wanted(gcs={"service_account_key": msgspec.json.encode(document).decode()})
    stored = await credentials.create(world.principal, request)
    assert (stored.kind, stored.hint) == ("gcs", "a@b.example")
    assert stored.endpoint == "https://storage.googleapis.com"
    document["type"] = "authorized_user"
    request = wanted(gcs={"service_account_key": msgspec.json.encode(document).decode()})
    assert (await refused(credentials.create(world.principal, request))).code == "validation"


async def test_a_private_key_too_long_to_be_tested_soon_is_refused_unread(world, credentials, private_key):
    document = {"type": "service_account", "client_email": "a@b.example", "private_key": private_key}
    document["private_key"] += "\n" * 4_096
    request = wanted(gcs={"service_account_key": msgspec.json.encode(document).decode()})
    problem = await refused(credentials.create(world.principal, request))
    assert "at most 4096 bits" in problem.errors[0].detail


async def test_the_operator_allows_servers_without_encryption(world):
    allowed = Guard(Allowances.parse("127.0.0.1:5433"))
    credentials = CredentialService(world.async_sessions, allowed, world.settings.secret)
    inner = postgresql(host="127.0.0.1", port=5433, sslmode="disable")
    stored = await credentials.create(world.principal, wanted(postgresql=inner))
    assert (stored.hint, stored.endpoint) == ("reader", "postgresql://127.0.0.1:5433")
