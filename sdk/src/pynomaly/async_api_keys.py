"""API keys of one's tenant: `client.api_keys`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pynomaly._generated.resources_async import AsyncAuthResource
from pynomaly.errors import DataError

if TYPE_CHECKING:
    from pynomaly._generated.models import ApiKey, NewApiKey


class AsyncApiKeys:
    """Makes, lists, rotates and revokes API keys.

    Args:
        auth: The contract's operations, which this gives shorter names.
    """

    def __init__(self, auth: AsyncAuthResource) -> None:
        self._auth = auth

    async def create(
        self, name: str, scopes: Sequence[str], *, expires_at: datetime | None = None
    ) -> NewApiKey:
        """Make a key; `.key` of the answer is the only time it is shown.

        Args:
            name: What it is for.
            scopes: What it may do, such as `["detect:run"]`; `["*"]` for everything.
            expires_at: When it stops working, with a time zone; never where None.

        Raises:
            DataError: `scopes` is one text instead of a list, or `expires_at` has no time zone.
            PermissionDeniedError: A scope is asked for that the caller lacks.
            UnprocessableEntityError: A scope does not exist, or `expires_at` has passed.
        """
        from pynomaly._generated.models import CreateApiKeyRequest

        if isinstance(scopes, str):
            raise DataError(f"scopes is the text {scopes!r}; give a list, such as [{scopes!r}].")
        if expires_at is not None and expires_at.tzinfo is None:
            raise DataError("expires_at has no time zone; give one, such as datetime.now(timezone.utc).")
        request = CreateApiKeyRequest(name=name, scopes=[*scopes], expires_at=expires_at)
        return await self._auth.create_api_key(request)

    def list(self) -> AsyncIterator[ApiKey]:
        """Every key, newest first, revoked and expired ones included; pages are fetched as needed."""
        return self._auth.list_api_keys_iter()

    async def get(self, key_id: str) -> ApiKey:
        """Describe the key with the id `key_id`; raises `NotFoundError`."""
        return await self._auth.get_api_key(key_id)

    async def rotate(self, key_id: str, *, overlap: timedelta = timedelta(days=1)) -> NewApiKey:
        """Make a key like this one; the old one goes on working for `overlap`, 30 days at most.

        Args:
            key_id: Id of the old key.
            overlap: How long both work.

        Raises:
            NotFoundError: There is no such key.
            ConflictError: The old key does not work any more.
            PermissionDeniedError: The old key may do what the caller may not.
        """
        from pynomaly._generated.models import RotateApiKeyRequest

        request = RotateApiKeyRequest(overlap_seconds=int(overlap.total_seconds()))
        return await self._auth.rotate_api_key(key_id, request)

    async def revoke(self, key_id: str) -> ApiKey:
        """Make the key with the id `key_id` worthless within a second; once more changes nothing.

        Raises:
            NotFoundError: There is no such key.
        """
        return await self._auth.revoke_api_key(key_id)
