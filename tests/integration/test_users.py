"""Users, their sessions and what many requests at once make of them, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.repository import TenantRepository
from pynomaly_server.auth.tokens import TokenService
from pynomaly_server.auth.users import UserService
from pynomaly_server.contract.structs import (
    LoginRequest,
    PasswordChange,
    TokenPair,
    User,
    UserChanges,
    UserCreation,
)
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.tables import LoginSessionRow, TenantRow, UserRow
from pynomaly_server.ids import new_id
from pynomaly_server.problems import ProblemError
from pynomaly_server.services import token_service

# What no statement of its own decides is tried on one of the two databases.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PASSWORD = "correct horse battery staple"
PASSWORDS = Passwords()


class Clock:
    """Time as the beliefs of the token service see it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Office:
    """Where admins make users and users get tokens; `elsewhere` is a second process of the server."""

    users: UserService
    tokens: TokenService
    elsewhere: TokenService
    admin: Principal
    sessions: object

    async def make(self, username: str, role: str = "analyst") -> User:
        return await self.users.create(
            self.admin, UserCreation(username=username, password=PASSWORD, role=role)
        )

    async def log_in(self, username: str, password: str = PASSWORD, **more: str) -> TokenPair:
        return await self.tokens.log_in(LoginRequest(username=username, password=password, **more))

    async def change(self, user: User, **changes: object) -> User:
        return await self.users.change(self.admin, user.user_id, UserChanges(**changes))

    async def change_own(self, pair: TokenPair, new: str, current: str = PASSWORD) -> None:
        caller = await self.tokens.authenticate(pair.access_token)
        await self.users.change_password(caller, PasswordChange(current_password=current, new_password=new))

    async def set(self, table: type, **values: object) -> None:
        async with self.sessions.write() as session:
            await session.execute(sa.update(table).values(**values))
            await session.commit()


@pytest.fixture
async def office(world):
    sessions, settings = world.async_sessions, world.settings
    return Office(
        users=UserService(sessions, PASSWORDS, Cursors(settings.secret)),
        tokens=token_service(sessions, settings, PASSWORDS),
        elsewhere=token_service(sessions, settings, PASSWORDS),
        admin=world.principal,
        sessions=sessions,
    )


def refused(code):
    class Refusal:
        def __enter__(self):
            self._raises = pytest.raises(ProblemError)
            self.caught = self._raises.__enter__()
            return self.caught

        def __exit__(self, *given):
            caught = self._raises.__exit__(*given)
            assert self.caught.value.code == code
            return caught

    return Refusal()


async def test_a_user_logs_in_and_may_what_the_role_may(office):
    user = await office.make("ada")
    pair = await office.log_in("Ada")
    principal = await office.elsewhere.authenticate(pair.access_token)
    assert (principal.subject, principal.role) == (user.user_id, "analyst")
    assert principal.tenant_id == office.admin.tenant_id
    assert principal.may("detect:run")
    assert not principal.may("users:write")
    assert (await office.users.get(office.admin, user.user_id)).last_login_at is not None


async def test_a_token_that_came_before_the_winner_was_answered_is_a_race_and_no_theft(
    office,
):
    await office.make("ada")
    pair = await office.log_in("ada")
    arrived = datetime.now(UTC)
    winner = await office.tokens.renew(pair.refresh_token)
    with refused("unauthenticated"):
        await office.elsewhere.renew(pair.refresh_token, arrived)
    assert await office.elsewhere.renew(winner.refresh_token)


@on_one_database
async def test_neither_the_password_nor_a_token_is_stored(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    async with office.sessions.read() as session:
        stored = str(
            [(await session.execute(sa.select(t.__table__))).all() for t in (UserRow, LoginSessionRow)]
        )
    for secret in (PASSWORD, pair.access_token, pair.refresh_token, pair.refresh_token[17:]):
        assert secret not in stored


@on_one_database
async def test_every_login_that_fails_is_answered_alike(office):
    await office.make("ada")
    await office.change(await office.make("barred"), disabled=True)
    said = set()
    for username, password, tenant in (
        ("ada", "wrong", "default"),
        ("nobody", PASSWORD, "default"),
        ("barred", PASSWORD, "default"),
        ("ada", PASSWORD, "no such tenant"),
    ):
        with refused("unauthenticated") as problem:
            await office.log_in(username, password, tenant=tenant)
        said.add(problem.value.detail)
    assert len(said) == 1


@on_one_database
async def test_users_of_a_disabled_tenant_cannot_log_in_and_their_tokens_end(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    await office.set(TenantRow, disabled_at=datetime.now(UTC))
    with refused("unauthenticated"):
        await office.log_in("ada")
    with refused("unauthenticated"):
        await office.tokens.renew(pair.refresh_token)
    assert await office.elsewhere.authenticate(pair.access_token) is None


@on_one_database
async def test_one_username_may_be_in_two_tenants(office):
    tenant = new_id("ten")
    async with office.sessions.write() as session:
        await TenantRepository(session).add(tenant, "neighbour")
        await session.commit()
    await office.make("ada")
    neighbour = Principal(tenant, "usr", frozenset("*"))
    theirs = await office.users.create(
        neighbour, UserCreation(username="ada", password=PASSWORD + "!", role="viewer")
    )
    for name in ("neighbour", tenant):
        pair = await office.log_in("ada", PASSWORD + "!", tenant=name)
        assert (await office.tokens.authenticate(pair.access_token)).subject == theirs.user_id
    with refused("not-found"):
        await office.users.get(office.admin, theirs.user_id)
    with refused("not-found"):
        await office.users.delete(office.admin, theirs.user_id)


async def test_a_username_is_given_once(office):
    await office.make("ada")
    with refused("conflict"):
        await office.make("ada")


async def test_of_fifty_refreshes_at_once_one_wins_and_its_session_goes_on(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    # Two processes of the server, as far as the database can tell.
    answers = await asyncio.gather(
        *((office.tokens, office.elsewhere)[turn % 2].renew(pair.refresh_token) for turn in range(50)),
        return_exceptions=True,
    )
    winners = [answer for answer in answers if isinstance(answer, TokenPair)]
    assert len(winners) == 1
    assert {answer.code for answer in answers if isinstance(answer, ProblemError)} == {"unauthenticated"}
    assert len(answers) - len(winners) == sum(isinstance(answer, ProblemError) for answer in answers)
    assert await office.elsewhere.authenticate(winners[0].access_token) is not None
    assert await office.tokens.renew(winners[0].refresh_token)


async def test_a_refresh_token_that_comes_back_ends_the_session_for_everybody(office):
    await office.make("ada")
    stolen = await office.log_in("ada")
    owner = await office.tokens.renew(stolen.refresh_token)
    with refused("unauthenticated"):
        await office.tokens.renew(stolen.refresh_token)
    with refused("unauthenticated"):
        await office.tokens.renew(owner.refresh_token)
    assert await office.elsewhere.authenticate(owner.access_token) is None
    assert await office.log_in("ada")


@on_one_database
async def test_another_session_of_the_user_goes_on(office):
    await office.make("ada")
    one, other = await office.log_in("ada"), await office.log_in("ada")
    await office.tokens.renew(one.refresh_token)
    with refused("unauthenticated"):
        await office.tokens.renew(one.refresh_token)
    assert await office.tokens.renew(other.refresh_token)


@on_one_database
async def test_after_a_log_out_no_token_of_the_session_works(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    await office.tokens.log_out(pair.refresh_token)
    await office.tokens.log_out(pair.refresh_token)
    await office.tokens.log_out("pyr_nothing")
    with refused("unauthenticated"):
        await office.tokens.renew(pair.refresh_token)
    assert await office.tokens.authenticate(pair.access_token) is None


@on_one_database
async def test_a_session_ends_after_its_days(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    await office.set(LoginSessionRow, expires_at=datetime.now(UTC))
    with refused("unauthenticated"):
        await office.tokens.renew(pair.refresh_token)
    assert await office.tokens.authenticate(pair.access_token) is None


CHANGES = {
    "disabled": {"disabled": True},
    "given another password": {"password": PASSWORD + "!"},
}


@on_one_database
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
async def test_a_user_who_is_disabled_or_given_another_password_has_no_session_left(office, changes):
    user = await office.make("ada")
    pair = await office.log_in("ada")
    await office.change(user, **changes)
    assert await office.elsewhere.authenticate(pair.access_token) is None
    await office.change(user, disabled=False)
    with refused("unauthenticated"):
        await office.tokens.renew(pair.refresh_token)


@on_one_database
async def test_of_the_sessions_of_who_changes_the_own_password_only_that_one_goes_on(office):
    await office.make("ada")
    await office.make("eva")
    here, elsewhere, eva = [await office.log_in(name) for name in ("ada", "ada", "eva")]
    await office.change_own(here, PASSWORD + "!")
    assert await office.elsewhere.authenticate(here.access_token) is not None
    assert await office.tokens.renew(here.refresh_token)
    assert await office.elsewhere.authenticate(elsewhere.access_token) is None
    with refused("unauthenticated"):
        await office.tokens.renew(elsewhere.refresh_token)
    with refused("unauthenticated"):
        await office.log_in("ada")
    assert await office.log_in("ada", PASSWORD + "!")
    assert await office.tokens.renew(eva.refresh_token)


@on_one_database
async def test_without_the_current_password_nobody_changes_it(office):
    await office.make("ada")
    pair = await office.log_in("ada")
    with refused("validation") as problem:
        await office.change_own(pair, PASSWORD + "!", current="wrong")
    assert [fault.pointer for fault in problem.value.errors] == ["/current_password"]
    assert await office.log_in("ada")


@on_one_database
async def test_an_api_key_has_no_password_to_change(office):
    request = PasswordChange(current_password=PASSWORD, new_password=PASSWORD + "!")
    with refused("forbidden") as problem:
        await office.users.change_password(office.admin, request)
    assert "an API key has no password. Log in with createToken" in problem.value.detail


async def test_of_two_changes_of_one_password_at_once_one_wins(office):
    await office.make("ada")
    pairs = [await office.log_in("ada") for _ in range(2)]
    answers = await asyncio.gather(
        *(office.change_own(pair, f"{PASSWORD} {n}") for n, pair in enumerate(pairs)), return_exceptions=True
    )
    [winner] = [n for n, answer in enumerate(answers) if answer is None]
    assert answers[1 - winner].code == "validation"
    assert await office.log_in("ada", f"{PASSWORD} {winner}")
    assert await office.tokens.renew(pairs[winner].refresh_token)
    with refused("unauthenticated"):
        await office.tokens.renew(pairs[1 - winner].refresh_token)


@on_one_database
async def test_another_role_holds_for_the_tokens_that_are_out(office, world):
    user = await office.make("ada", "viewer")
    clock = Clock()
    here = token_service(world.async_sessions, world.settings, PASSWORDS, clock)
    pair = await office.log_in("ada")
    assert (await here.authenticate(pair.access_token)).role == "viewer"
    await office.change(user, role="operator")
    clock.now += 1
    assert (await here.authenticate(pair.access_token)).role == "operator"


async def test_a_user_who_is_deleted_is_gone_with_every_session(office):
    user = await office.make("ada")
    pair = await office.log_in("ada")
    await office.users.delete(office.admin, user.user_id)
    assert await office.elsewhere.authenticate(pair.access_token) is None
    with refused("unauthenticated"):
        await office.tokens.renew(pair.refresh_token)
    with refused("not-found"):
        await office.users.delete(office.admin, user.user_id)


async def test_the_last_admin_who_can_log_in_stays_one(office):
    admin = await office.make("ada", "admin")
    away = await office.make("away", "admin")
    await office.change(away, disabled=True)
    for changes in ({"role": "operator"}, {"disabled": True}):
        with refused("conflict") as problem:
            await office.change(admin, **changes)
        assert "the last admin of the tenant" in problem.value.detail
    with refused("conflict"):
        await office.users.delete(office.admin, admin.user_id)
    assert (await office.change(admin, role="admin", password=PASSWORD)).role == "admin"
    await office.change(away, disabled=False)
    assert (await office.change(admin, role="operator")).role == "operator"


async def test_two_admins_who_end_each_other_at_once_leave_one(office):
    admins = [await office.make(name, "admin") for name in ("ada", "eva")]
    answers = await asyncio.gather(
        *(office.change(admin, role="viewer") for admin in admins), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["ProblemError", "User"]
    left = (await office.users.list(office.admin, limit=10)).items
    assert sorted(user.role for user in left) == ["admin", "viewer"]


@on_one_database
async def test_nobody_reaches_beyond_their_own_scopes(office):
    admin, _ = await office.make("ada", "admin"), await office.make("eva", "admin")
    clerk = Principal(
        office.admin.tenant_id, "key", frozenset({"users:write", "users:read", "jobs:read", "datasets:read"})
    )
    viewer = await office.make("vic", "viewer")
    with refused("forbidden"):
        await office.users.create(clerk, UserCreation(username="x", password=PASSWORD, role="admin"))
    with refused("forbidden"):
        await office.users.change(clerk, viewer.user_id, UserChanges(role="analyst"))
    for changes in (UserChanges(password=PASSWORD), UserChanges(disabled=True), UserChanges(role="viewer")):
        with refused("forbidden"):
            await office.users.change(clerk, admin.user_id, changes)
    with refused("forbidden"):
        await office.users.delete(clerk, admin.user_id)
    assert (await office.users.get(office.admin, admin.user_id)).disabled_at is None


@on_one_database
async def test_a_hash_of_older_parameters_is_replaced_at_the_next_login(office):
    from argon2 import PasswordHasher

    await office.make("ada")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await office.set(UserRow, password_hash=old)
    await office.log_in("ada")
    async with office.sessions.read() as session:
        stored = await session.scalar(sa.select(UserRow.password_hash))
    assert stored != old
    assert not PASSWORDS.is_outdated(stored)
    assert await office.log_in("ada")


async def test_users_are_listed_page_by_page_newest_first(office):
    for name in ("one", "two", "three"):
        await office.make(name)
    first = await office.users.list(office.admin, limit=2)
    rest = await office.users.list(office.admin, limit=2, cursor=first.next_cursor)
    assert [user.username for user in first.items + rest.items] == ["three", "two", "one"]
    assert rest.next_cursor is None
