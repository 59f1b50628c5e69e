"""Takes stored credentials over to another secret key of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from pynomaly_server.credentials.repository import count_every, every, seal_anew
from pynomaly_server.credentials.vault import Vault
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.secret_keys.rotation import Part, Taken

_READ_AT_ONCE: Final = 100


async def credentials_part(sessions: AsyncSessions, secret_key: str, former: Sequence[str]) -> Part:
    """Every credential, sealed under `secret_key` in place of one of the `former` keys."""
    async with sessions.read() as session:
        total = await count_every(session)
    return Part("stored credentials", total, _taken_over(sessions, Vault(secret_key, former)))


async def _taken_over(sessions: AsyncSessions, vault: Vault) -> AsyncIterator[tuple[str, Taken]]:
    after = ""
    while True:
        async with sessions.read() as session:
            rows = await every(session, after=after, limit=_READ_AT_ONCE)
        if not rows:
            return
        for row in rows:
            taken, sealed = vault.sealed_anew(row)
            if taken is Taken.OVER:
                async with sessions.write() as session:
                    await seal_anew(session, row.id, row.sealed, sealed)
                    await session.commit()
            yield row.id, taken
        after = rows[-1].id
