"""Making, checking and revoking API keys."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from pynomaly_server.auth.keys import new_key
from pynomaly_server.auth.service import AuthService
from pynomaly_server.db.tables import ApiKeyRow, TenantRow

SECRET = "a" * 40


async def change(sessions, row, **values):
    async with sessions.write() as session:
        await session.execute(sa.update(row).values(**values))
        await session.commit()


async def test_a_good_key_tells_its_tenant_and_scopes(auth, tenant):
    plain, key_id = await auth.create_key(tenant, "reader", ["jobs:read"])
    principal = await auth.authenticate(plain)
    assert (principal.tenant_id, principal.subject) == (tenant, key_id)
    assert principal.may("jobs:read")
    assert not principal.may("jobs:write")


async def test_an_admin_key_may_everything(auth, tenant):
    plain, _ = await auth.create_key(tenant, "admin", ["*"])
    assert (await auth.authenticate(plain)).may("anything:at-all")


async def test_a_key_with_an_unknown_scope_is_not_made(auth, tenant):
    with pytest.raises(ValueError, match="'jobs:delete' is no scope"):
        await auth.create_key(tenant, "odd", ["jobs:delete"])


async def test_a_well_formed_key_that_was_never_made_is_nobody(auth):
    assert await auth.authenticate(new_key()[0]) is None


async def test_a_key_with_a_known_public_part_and_another_secret_is_nobody(auth, tenant, monkeypatch):
    plain, _ = await auth.create_key(tenant, "k", ["*"])
    monkeypatch.setattr("pynomaly_server.auth.service.prefix_of", lambda _: plain[:12])
    assert await auth.authenticate(new_key()[0]) is None


async def test_a_key_is_nobody_under_another_server_secret(auth, tenant, sessions):
    plain, _ = await auth.create_key(tenant, "k", ["*"])
    assert await AuthService(sessions, "b" * 40).authenticate(plain) is None


async def test_the_key_itself_is_stored_nowhere(auth, tenant, sessions):
    plain, _ = await auth.create_key(tenant, "k", ["*"])
    async with sessions.read() as session:
        stored = str((await session.execute(sa.select(ApiKeyRow.__table__))).all())
    assert plain not in stored
    assert plain[13:] not in stored


async def test_an_expired_key_is_nobody(auth, tenant):
    past = datetime.now(UTC) - timedelta(seconds=1)
    plain, _ = await auth.create_key(tenant, "k", ["*"], expires_at=past)
    assert await auth.authenticate(plain) is None


async def test_a_revoked_key_is_nobody_within_a_second(auth, tenant, clock):
    plain, key_id = await auth.create_key(tenant, "k", ["*"])
    await auth.authenticate(plain)
    assert await auth.revoke_key(tenant, key_id)
    clock.now += 1.0
    assert await auth.authenticate(plain) is None


async def test_a_key_is_revoked_once_and_by_its_tenant_only(auth, tenant):
    _, key_id = await auth.create_key(tenant, "k", ["*"])
    assert not await auth.revoke_key("ten_other", key_id)
    assert await auth.revoke_key(tenant, key_id)
    assert not await auth.revoke_key(tenant, key_id)


async def test_keys_of_a_disabled_tenant_are_nobody(auth, tenant, sessions):
    plain, _ = await auth.create_key(tenant, "k", ["*"])
    await change(sessions, TenantRow, disabled_at=datetime.now(UTC))
    assert await auth.authenticate(plain) is None


async def last_used(sessions, key_id):
    async with sessions.read() as session:
        return await session.scalar(sa.select(ApiKeyRow.last_used_at).where(ApiKeyRow.id == key_id))


async def test_the_last_use_is_noted_once_a_minute(auth, tenant, sessions, clock):
    plain, key_id = await auth.create_key(tenant, "k", ["*"])
    await auth.authenticate(plain)
    first = await last_used(sessions, key_id)
    clock.now += 10
    await auth.authenticate(plain)
    assert await last_used(sessions, key_id) == first is not None
    await change(sessions, ApiKeyRow, last_used_at=first - timedelta(minutes=2))
    clock.now += 10
    await auth.authenticate(plain)
    assert await last_used(sessions, key_id) >= first


async def test_a_key_that_is_believed_costs_no_query(auth, tenant, sessions):
    plain, _ = await auth.create_key(tenant, "k", ["*"])
    queries = []
    await auth.authenticate(plain)
    sa.event.listen(sessions.engine.sync_engine, "before_cursor_execute", lambda *_: queries.append(1))
    await auth.authenticate(plain)
    assert queries == []


async def test_the_first_key_is_made_exactly_once(sessions):
    made = []
    results = await asyncio.gather(
        *(AuthService(sessions, SECRET).ensure_first_key(made.append) for _ in range(5))
    )
    assert sorted(results) == [False] * 4 + [True]
    assert len(made) == 1
    assert (await AuthService(sessions, SECRET).authenticate(made[0])).may("keys:write")


async def test_a_first_key_that_cannot_be_delivered_is_not_made(sessions):
    auth = AuthService(sessions, SECRET)

    def full_disk(_):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await auth.ensure_first_key(full_disk)
    assert await auth.default_tenant() is None
    assert await auth.ensure_first_key(lambda _: None)
