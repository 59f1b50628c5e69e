"""Opens what is stored: for the API before it accepts a job, for a worker before it reads a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pynomaly_server.credentials.kinds import Secrets, decoded, encoded
from pynomaly_server.credentials.repository import find_now
from pynomaly_server.db.session import make_engine, make_sessions
from pynomaly_server.db.tables import CredentialRow
from pynomaly_server.problems import ProblemError
from pynomaly_server.secret_keys.rotation import Taken
from pynomaly_server.secret_keys.sealing import CannotOpenError, Seal
from pynomaly_server.settings import Settings

_LABEL: Final = b"pynomaly stored credentials, version 1"
_SEPARATOR: Final = "\0"


class Vault:
    """Seals secrets for their row and opens them again, those under `former` secret keys too."""

    def __init__(self, secret_key: str, former: Sequence[str] = ()) -> None:
        self._seal = Seal(secret_key, _LABEL)
        self._former = [Seal(secret, _LABEL) for secret in former]

    def sealed(self, tenant_id: str, credential_id: str, kind: str, secrets: Secrets) -> bytes:
        """Secrets as their row keeps them."""
        return self._seal.close(encoded(secrets), _belongs_to(tenant_id, credential_id, kind))

    def opened(self, row: CredentialRow) -> Secrets:
        """The secrets of a row; raises `ProblemError` `credential-unreadable`."""
        for seal in (self._seal, *self._former):
            text = _opened(seal, row)
            if text is not None:
                return decoded(row.kind, text)
        raise ProblemError(
            "credential-unreadable",
            f"The credential {row.id} was stored under another secret key of the server, or was damaged. "
            f"Replace it (PUT /api/v1/credentials/{row.id}).",
        )

    def sealed_anew(self, row: CredentialRow) -> tuple[Taken, bytes]:
        """What a row is to keep under the secret key of now, and what that means for it."""
        if _opened(self._seal, row) is not None:
            return Taken.THERE, row.sealed
        for seal in self._former:
            text = _opened(seal, row)
            if text is not None:
                return Taken.OVER, self._seal.close(text, _belongs_to(row.tenant_id, row.id, row.kind))
        return Taken.LOST, row.sealed


def missing(credential_id: str) -> ProblemError:
    """What is answered for a credential that is not there, or another tenant's."""
    return ProblemError(
        "not-found", f"There is no credential {credential_id}. Store it with createCredential first."
    )


def open_now(settings: Settings, tenant_id: str, credential_id: str) -> Secrets:
    """A credential's secrets as they are now, on a connection of its own, for a worker.

    Raises:
        ProblemError: `not-found` or `credential-unreadable`.
    """
    engine = make_engine(settings)
    try:
        with make_sessions(engine).read() as session:
            row = find_now(session, tenant_id, credential_id)
        if row is None:
            raise missing(credential_id)
        return Vault(settings.secret, settings.former_secrets).opened(row)
    finally:
        engine.dispose()


def _opened(seal: Seal, row: CredentialRow) -> bytes | None:
    try:
        return seal.open(row.sealed, _belongs_to(row.tenant_id, row.id, row.kind))
    except CannotOpenError:
        return None


def _belongs_to(tenant_id: str, credential_id: str, kind: str) -> bytes:
    return _SEPARATOR.join((tenant_id, credential_id, kind)).encode()
