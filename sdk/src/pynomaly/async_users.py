"""Users of one's tenant: `client.users`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from pynomaly._generated.resources_async import AsyncUsersResource
from pynomaly.async_login import AsyncLogin
from pynomaly.transport.async_driver import AsyncDriver

if TYPE_CHECKING:
    from pynomaly._generated.models import User

Role = Literal["viewer", "analyst", "operator", "admin"]


class AsyncUsers(AsyncUsersResource):
    """Makes, lists, changes and deletes users.

    Args:
        driver: Carries the calls.
        login: Keeps the user of this client logged in; None where an API key calls.
    """

    def __init__(self, driver: AsyncDriver, login: AsyncLogin | None) -> None:
        super().__init__(driver)
        self._login = login

    async def create(self, username: str, password: str, role: Role) -> User:
        """Make a user, who can log in at once.

        Args:
            username: In lower case; an email address will do.
            password: 12 characters at least.
            role: `viewer`, `analyst`, `operator` or `admin`.

        Raises:
            ConflictError: The username is taken.
            PermissionDeniedError: The role may do what the caller may not.
            UnprocessableEntityError: The username, the password or the role cannot be used.
        """
        from pynomaly._generated.models import UserCreation

        # Checked by the server alone, here and below: pydantic would show a password that it refuses.
        body = UserCreation.model_construct(username=username, password=password, role=role)
        return await self.create_user(body)

    def list(self) -> AsyncIterator[User]:
        """Every user, newest first, disabled ones included; pages are fetched as needed."""
        return self.list_users_iter()

    async def get(self, user_id: str) -> User:
        """Describe the user with the id `user_id`; raises `NotFoundError`."""
        return await self.get_user(user_id)

    async def set_role(self, user_id: str, role: Role) -> User:
        """Give a user another role, which holds within a second.

        Args:
            user_id: Id of the user.
            role: `viewer`, `analyst`, `operator` or `admin`.

        Raises:
            NotFoundError: There is no such user.
            ConflictError: The user is the last admin.
            PermissionDeniedError: The user, or the role, may do what the caller may not.
        """
        from pynomaly._generated.models import UserChanges

        return await self.update_user(user_id, UserChanges(role=role))

    async def set_password(self, user_id: str, password: str) -> User:
        """Give a user another password and end every session they have.

        Args:
            user_id: Id of the user.
            password: 12 characters at least.

        Raises:
            NotFoundError: There is no such user.
            PermissionDeniedError: The user may do what the caller may not.
            UnprocessableEntityError: The password is too short.
        """
        from pynomaly._generated.models import UserChanges

        return await self.update_user(user_id, UserChanges.model_construct(password=password))

    async def change_password(  # pyright: ignore[reportIncompatibleMethodOverride]  # with its two arguments
        self, current_password: str, new_password: str
    ) -> None:
        """Change one's own password and end every other session one has; this client goes on.

        Args:
            current_password: The password as it is.
            new_password: 12 characters at least.

        Raises:
            UnprocessableEntityError: The current password is wrong, or the new one is too short.
            PermissionDeniedError: The caller is an API key, which has no password.
        """
        from pynomaly._generated.models import PasswordChange

        body = PasswordChange.model_construct(current_password=current_password, new_password=new_password)
        await super().change_password(body)
        if self._login is not None:
            self._login.use_password(new_password)

    async def disable(self, user_id: str) -> User:
        """Keep a user from logging in and end every session they have; raises as `set_role` does."""
        from pynomaly._generated.models import UserChanges

        return await self.update_user(user_id, UserChanges(disabled=True))

    async def enable(self, user_id: str) -> User:
        """Let a user log in again; raises as `set_role` does."""
        from pynomaly._generated.models import UserChanges

        return await self.update_user(user_id, UserChanges(disabled=False))

    async def delete(self, user_id: str) -> None:
        """Delete a user; raises as `set_role` does."""
        await self.delete_user(user_id)
