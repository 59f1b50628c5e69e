"""HTTP of the tag `credentials`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import (
    DeleteCredentialPath,
    GetCredentialPath,
    ListCredentialsQuery,
    ReplaceCredentialPath,
)
from pynomaly_server.contract.structs import Credential, CredentialList, CredentialRequest
from pynomaly_server.credentials.service import CredentialService


class CredentialsController:
    def __init__(self, service: CredentialService) -> None:
        self._service = service

    @handles("createCredential")
    async def create_credential(self, principal: Principal, body: CredentialRequest) -> Reply:
        created = await self._service.create(principal, body)
        return Reply(created, headers={"Location": f"/api/v1/credentials/{created.credential_id}"})

    @handles("listCredentials")
    async def list_credentials(self, principal: Principal, query: ListCredentialsQuery) -> CredentialList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("getCredential")
    async def get_credential(self, principal: Principal, path: GetCredentialPath) -> Credential:
        return await self._service.get(principal, path.credential_id)

    @handles("replaceCredential")
    async def replace_credential(
        self, principal: Principal, path: ReplaceCredentialPath, body: CredentialRequest
    ) -> Credential:
        return await self._service.replace(principal, path.credential_id, body)

    @handles("deleteCredential")
    async def delete_credential(self, principal: Principal, path: DeleteCredentialPath) -> Reply:
        await self._service.delete(principal, path.credential_id)
        return Reply(None)
