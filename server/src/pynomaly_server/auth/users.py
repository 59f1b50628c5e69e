"""What admins do with the users of their tenant: make, list, change and delete them; and what users do with
their own password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NoReturn

from sqlalchemy.exc import IntegrityError

from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.reach import check_reach
from pynomaly_server.auth.repository import SessionRepository, UserRepository
from pynomaly_server.auth.roles import ADMIN, ROLES
from pynomaly_server.contract.structs import PasswordChange, User, UserChanges, UserCreation, UserList
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import UserRow
from pynomaly_server.ids import new_id
from pynomaly_server.problems import Fault, ProblemError, invalid

_ASK: Final = "Ask somebody who has it."


class UserService:
    """Every method is for one principal, and a foreign user is answered as one that does not exist.

    Nobody gives a role that may do more than they may, and nobody changes or deletes a user who may: a new
    password for an admin would be a way to become one.
    """

    def __init__(self, sessions: AsyncSessions, passwords: Passwords, cursors: Cursors) -> None:
        self._sessions = sessions
        self._passwords = passwords
        self._cursors = cursors

    async def create(self, principal: Principal, request: UserCreation) -> User:
        """Make a user; raises `ProblemError` `forbidden`, `conflict` or `overloaded`."""
        check_reach(principal, ROLES[request.role], f"make a user with the role {request.role}", _ASK)
        password_hash = await self._passwords.hashed(request.password)
        async with self._sessions.write() as session:
            try:
                row = await UserRepository(session, principal.tenant_id).add(
                    id=new_id("usr"),
                    username=request.username,
                    password_hash=password_hash,
                    role=request.role,
                )
            except IntegrityError:
                raise ProblemError(
                    "conflict",
                    f"There is a user {request.username!r} already. Choose another username, or change "
                    "that user with updateUser.",
                ) from None
            await session.commit()
        return _described(row)

    async def list(self, principal: Principal, *, limit: int, cursor: str | None = None) -> UserList:
        """A page of users, newest first; raises `validation` for a cursor of another list."""
        of_list = (principal.tenant_id, "listUsers")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            users = UserRepository(session, principal.tenant_id)
            rows = await users.newest(limit=limit + 1, before=before)
        page, more = self._cursors.page(rows, limit, *of_list)
        return UserList(items=[_described(row) for row in page], next_cursor=more)

    async def get(self, principal: Principal, user_id: str) -> User:
        """Describe a user; raises `not-found`."""
        async with self._sessions.read() as session:
            row = await UserRepository(session, principal.tenant_id).find(user_id)
        return _described(row or _raise_missing(user_id))

    async def change(self, principal: Principal, user_id: str, changes: UserChanges) -> User:
        """Change what is given; a new password, and disabling, end every session of the user.

        Raises:
            ProblemError: `not-found`, `forbidden`, `overloaded`, or `conflict` for the last admin.
        """
        await self.get(principal, user_id)  # before the work of hashing a password for nobody
        values: dict[str, object] = {}
        if changes.password is not None:
            values["password_hash"] = await self._passwords.hashed(changes.password)
        if changes.role is not None:
            check_reach(principal, ROLES[changes.role], f"give the role {changes.role}", _ASK)
            values["role"] = changes.role
        async with self._sessions.write() as session:
            users = UserRepository(session, principal.tenant_id)
            row = await self._for_change(
                users, principal, user_id, stays_admin=changes.role in (None, ADMIN) and not changes.disabled
            )
            if changes.disabled is not None:
                now = datetime.now(UTC)
                values["disabled_at"] = (row.disabled_at or now) if changes.disabled else None
            if values:
                row = await users.change(user_id, **values) or _raise_missing(user_id)
            if changes.disabled or changes.password is not None:
                await SessionRepository(session).revoke_all_of(user_id)
            await session.commit()
        return _described(row)

    async def change_password(self, principal: Principal, request: PasswordChange) -> None:
        """Give the caller another password and end every session of theirs but the one that calls.

        Raises:
            ProblemError: `forbidden` for an API key, `validation` for a wrong password, `overloaded`.
        """
        if principal.role is None:
            raise ProblemError(
                "forbidden",
                "changePassword is for users, and an API key has no password. Log in with createToken and "
                "send the access token, or change the password of somebody else with updateUser.",
            )
        async with self._sessions.read() as session:
            row = await UserRepository(session, principal.tenant_id).find(principal.subject)
        checked = None if row is None else row.password_hash
        if checked is None or not await self._passwords.fits(request.current_password, checked):
            raise _wrong_password()
        password_hash = await self._passwords.hashed(request.new_password)
        async with self._sessions.write() as session:
            users = UserRepository(session, principal.tenant_id)
            if not await users.replace_password(principal.subject, checked, password_hash):
                raise _wrong_password()
            await SessionRepository(session).revoke_all_of(principal.subject, but=principal.session_id)
            await session.commit()

    async def delete(self, principal: Principal, user_id: str) -> None:
        """Delete a user; raises `not-found`, `forbidden`, or `conflict` for the last admin."""
        async with self._sessions.write() as session:
            users = UserRepository(session, principal.tenant_id)
            await self._for_change(users, principal, user_id, stays_admin=False)
            await users.delete(user_id)
            await session.commit()

    async def _for_change(
        self, users: UserRepository, principal: Principal, user_id: str, *, stays_admin: bool
    ) -> UserRow:
        """The user as they are, where the caller may change them and the tenant keeps an admin."""
        admins = [] if stays_admin else await users.admins_for_change()
        row = await users.find(user_id) or _raise_missing(user_id)
        check_reach(principal, ROLES[row.role], f"change a user with the role {row.role}", _ASK)
        if list(admins) == [user_id]:
            raise ProblemError(
                "conflict",
                f"The user {user_id} is the last admin of the tenant who can log in, and stays one. "
                "Make another admin first.",
            )
        return row


def _wrong_password() -> ProblemError:
    return invalid(
        [Fault("/current_password", "is not the password of this user; ask an admin if it is lost")]
    )


def _raise_missing(user_id: str) -> NoReturn:
    raise ProblemError("not-found", f"There is no user {user_id}.")


def _described(row: UserRow) -> User:
    return User(
        user_id=row.id,
        username=row.username,
        role=row.role,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_login_at=row.last_login_at,
    )
