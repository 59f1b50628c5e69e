"""Takes versions of models over to another secret key of the server: their files are signed anew.

A file that is signed anew lies beside the old one, which is removed a day later, like any that no row knows:
who has just read where it lies still finds it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.detectors.envelope import SIGNATURE_BYTES, EnvelopeError, read_header, signer
from pynomaly_server.models.artefacts import (
    UnreadableError,
    key_of_signed_anew,
    put,
    signing_key,
    signing_keys,
    stored,
)
from pynomaly_server.models.repository import StoredVersion, count_every, every_stored, move_stored
from pynomaly_server.secret_keys.former import fingerprint
from pynomaly_server.secret_keys.rotation import Part, Taken
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.threads import in_thread

_READ_AT_ONCE: Final = 100


async def models_part(
    sessions: AsyncSessions, store: ObjectStore, secret_key: str, former: Sequence[str]
) -> Part:
    """Every version, signed under `secret_key` in place of one of the `former` keys."""
    async with sessions.read() as session:
        total = await count_every(session)
    return Part("versions of models", total, _taken_over(sessions, _Signer(store, secret_key, former)))


async def _taken_over(sessions: AsyncSessions, signing: _Signer) -> AsyncIterator[tuple[str, Taken]]:
    after = ("", 0)
    while True:
        async with sessions.read() as session:
            found = await every_stored(session, after=after, limit=_READ_AT_ONCE)
        if not found:
            return
        for version in found:
            taken, sha256 = await in_thread(signing.sign_anew, version)
            if taken is Taken.OVER:
                key = signing.key_of(version)
                async with sessions.write() as session:
                    moved = await move_stored(session, version, key, sha256)
                    await session.commit()
                if not moved:
                    await in_thread(signing.remove, key)
            yield f"{version.model_id}:{version.version}", taken
        after = (found[-1].model_id, found[-1].version)


class _Signer:
    """Works on files; for threads."""

    def __init__(self, store: ObjectStore, secret_key: str, former: Sequence[str]) -> None:
        self._store = store
        self._key = signing_key(secret_key)
        self._former = signing_keys(former)
        self._secret_name = fingerprint(secret_key)
        self.remove = store.delete_now

    def key_of(self, version: StoredVersion) -> str:
        """Where a version lies under the key of now."""
        return key_of_signed_anew(version.artefact_key, self._secret_name)

    def sign_anew(self, version: StoredVersion) -> tuple[Taken, str]:
        """Put the file of a version where `key_of` says, unless it is signed so already; and its SHA-256."""
        if version.artefact_key == self.key_of(version):
            return Taken.THERE, version.artefact_sha256
        try:
            data = stored(self._store, version.artefact_key, version.artefact_sha256)
        except UnreadableError:
            return Taken.LOST, version.artefact_sha256
        if _fits(data, self._key):
            return Taken.THERE, version.artefact_sha256
        if not any(_fits(data, key) for key in self._former):
            return Taken.LOST, version.artefact_sha256
        body = data[:-SIGNATURE_BYTES]
        signing = signer(self._key)
        signing.update(body)
        signed = body + signing.digest()
        with tempfile.TemporaryDirectory(prefix="pynomaly-signing-") as folder:
            put(self._store, self.key_of(version), signed, Path(folder))
        return Taken.OVER, hashlib.sha256(signed).hexdigest()


def _fits(data: bytes, key: bytes) -> bool:
    try:
        read_header(data, key)
    except EnvelopeError:
        return False
    return True
