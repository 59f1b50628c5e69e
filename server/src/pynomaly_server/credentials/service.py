"""Stores, lists, replaces and deletes credentials, and opens them for those who check sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import Credential, CredentialList, CredentialRequest
from pynomaly_server.credentials.kinds import Described, Secrets, describe, secrets_in
from pynomaly_server.credentials.repository import CredentialRepository, hold
from pynomaly_server.credentials.vault import Vault, missing
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import CredentialRow
from pynomaly_server.db.transactions import Transaction
from pynomaly_server.ids import new_id
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.urls import ForbiddenTargetError
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.threads import in_thread

MOST_CREDENTIALS: Final = 100

ReaderOf = Callable[[AsyncSession, str, str], Awaitable[str | None]]
"""Names what will still use a credential, given a session, the tenant and the credential's id."""


class CredentialService:
    """Every method is for one principal, and what is another tenant's is answered as what does not exist."""

    def __init__(
        self, sessions: AsyncSessions, guard: Guard, secret_key: str, former: Sequence[str] = ()
    ) -> None:
        self._sessions = sessions
        self._guard = guard
        self._vault = Vault(secret_key, former)
        self._cursors = Cursors(secret_key, former)
        self._readers: list[ReaderOf] = []

    def keep_for(self, reader_of: ReaderOf) -> None:
        """Delete no credential for which `reader_of` names a reader, such as `job job_…`."""
        self._readers.append(reader_of)

    async def create(self, principal: Principal, request: CredentialRequest) -> Credential:
        """Seal and store what is given.

        Raises:
            ProblemError: `validation`, `forbidden-source` where the secrets would be sent to an address that
            is not allowed, or `conflict` where the tenant has `MOST_CREDENTIALS` already.
        """
        secrets, described = await self._checked(request)
        credential_id = new_id("crd")
        async with self._sessions.write() as session:
            credentials = CredentialRepository(session, principal.tenant_id)
            if await credentials.count_for_adding() >= MOST_CREDENTIALS:
                raise ProblemError(
                    "conflict",
                    f"There are {MOST_CREDENTIALS} stored credentials already, the limit. Delete one that is "
                    "no longer used.",
                )
            row = await credentials.add(
                id=credential_id,
                kind=described.kind,
                **self._values(principal, credential_id, request, secrets, described),
            )
            await session.commit()
        return _described(row)

    async def list(self, principal: Principal, *, limit: int, cursor: str | None = None) -> CredentialList:
        """A page of credentials, newest first; raises `ProblemError` `validation` for the cursor."""
        of_list = (principal.tenant_id, "listCredentials")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            rows = await CredentialRepository(session, principal.tenant_id).newest(
                limit=limit + 1, before=before
            )
        page, more = self._cursors.page(rows, limit, *of_list)
        return CredentialList(items=[_described(row) for row in page], next_cursor=more)

    async def get(self, principal: Principal, credential_id: str) -> Credential:
        """A credential without its secrets; raises `ProblemError` `not-found`."""
        return _described(await self._row(principal, credential_id))

    async def replace(
        self, principal: Principal, credential_id: str, request: CredentialRequest
    ) -> Credential:
        """Put new secrets of the same kind in place of the old.

        Raises:
            ProblemError: `not-found`, or as `create` does.
        """
        # Only for credentials that are there, so that no name is looked up for one that is not.
        row = await self._row(principal, credential_id)
        secrets, described = await self._checked(request)
        if described.kind != row.kind:
            raise invalid(
                [
                    Fault(
                        f"/{described.kind}",
                        f"is of another kind than the credential {credential_id}, which is {row.kind}; store "
                        "another credential for it",
                    )
                ]
            )
        async with self._sessions.write() as session:
            changed = await CredentialRepository(session, principal.tenant_id).change(
                credential_id, **self._values(principal, credential_id, request, secrets, described)
            )
            await session.commit()
        if changed is None:
            raise missing(credential_id)
        return _described(changed)

    async def delete(self, principal: Principal, credential_id: str) -> None:
        """Remove a credential that nobody will use any more.

        Whoever comes first wins: a job that is being submitted holds its credentials until it is stored, and
        this waits for it and then finds the job.

        Raises:
            ProblemError: `not-found`, or `conflict` naming who will use it.
        """
        async with self._sessions.write() as session:
            credentials = CredentialRepository(session, principal.tenant_id)
            if not await credentials.hold_alone(credential_id):
                raise missing(credential_id)
            for reader_of in self._readers:
                reader = await reader_of(session, principal.tenant_id, credential_id)
                if reader is not None:
                    raise ProblemError(
                        "conflict",
                        f"The {reader} has not ended and uses the credential {credential_id}. "
                        "Cancel it or wait for its end, then delete the credential.",
                    )
            await credentials.delete(credential_id)
            await session.commit()

    @staticmethod
    async def hold(transaction: Transaction, principal: Principal, credential_ids: Sequence[str]) -> None:
        """Keep credentials from being deleted until the transaction ends.

        Raises:
            ProblemError: `not-found`, naming one that is not there.
        """
        # In one order everywhere, so that no two transactions wait for each other.
        held = {
            each: await hold(transaction, principal.tenant_id, each) for each in sorted(set(credential_ids))
        }
        for credential_id in credential_ids:
            if not held[credential_id]:
                raise missing(credential_id)

    async def opened(self, principal: Principal, credential_ids: Sequence[str]) -> dict[str, Secrets]:
        """The secrets of these credentials, by id; never for an answer.

        Raises:
            ProblemError: `not-found` naming one that is not there, or `credential-unreadable`.
        """
        if not credential_ids:
            return {}
        async with self._sessions.read() as session:
            rows = await CredentialRepository(session, principal.tenant_id).find(credential_ids)
        for credential_id in credential_ids:
            if credential_id not in rows:
                raise missing(credential_id)
        return {credential_id: self._vault.opened(row) for credential_id, row in rows.items()}

    async def _row(self, principal: Principal, credential_id: str) -> CredentialRow:
        async with self._sessions.read() as session:
            rows = await CredentialRepository(session, principal.tenant_id).find([credential_id])
        if credential_id not in rows:
            raise missing(credential_id)
        return rows[credential_id]

    async def _checked(self, request: CredentialRequest) -> tuple[Secrets, Described]:
        secrets = secrets_in(request)
        described = await in_thread(describe, secrets)
        if not described.is_named:
            return secrets, described
        try:
            await self._guard.addresses_async(described.target, described.ports)
        except ForbiddenTargetError as error:
            place = f"/{described.kind}/{'host' if described.kind == 'postgresql' else 'endpoint'}"
            raise ProblemError("forbidden-source", str(error), [Fault(place, str(error))]) from None
        return secrets, described

    def _values(
        self,
        principal: Principal,
        credential_id: str,
        request: CredentialRequest,
        secrets: Secrets,
        described: Described,
    ) -> dict[str, object]:
        return {
            "name": request.name,
            "hint": described.hint,
            "endpoint": described.target.origin,
            "sealed": self._vault.sealed(principal.tenant_id, credential_id, described.kind, secrets),
        }


def _described(row: CredentialRow) -> Credential:
    return Credential(
        credential_id=row.id,
        name=row.name,
        kind=row.kind,
        hint=row.hint,
        endpoint=row.endpoint,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
