"""What the drivers ask of whoever keeps a user logged in."""

from __future__ import annotations

from typing import Protocol


class AsyncBearer(Protocol):
    """Has the access token of a user, as the async driver needs it."""

    async def token(self) -> str:
        """A token that is good now, as far as anybody here can know."""
        ...

    async def renewed(self, refused: str) -> str:
        """Another token than the one that the server has just refused."""
        ...


class Bearer(Protocol):
    """Has the access token of a user, as the sync driver needs it."""

    def token(self) -> str:
        """A token that is good now, as far as anybody here can know."""
        ...

    def renewed(self, refused: str) -> str:
        """Another token than the one that the server has just refused."""
        ...
