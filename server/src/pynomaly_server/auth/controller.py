"""HTTP of the tag `auth`."""

from __future__ import annotations

from pynomaly_server.auth.api_keys import ApiKeyService
from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import (
    GetApiKeyPath,
    ListApiKeysQuery,
    RevokeApiKeyPath,
    RotateApiKeyPath,
)
from pynomaly_server.contract.structs import (
    ApiKey,
    ApiKeyList,
    Caller,
    CreateApiKeyRequest,
    NewApiKey,
    RotateApiKeyRequest,
)


class AuthController:
    def __init__(self, service: ApiKeyService) -> None:
        self._service = service

    @handles("whoAmI")
    async def who_am_i(self, principal: Principal) -> Caller:
        return Caller(
            tenant_id=principal.tenant_id, subject=principal.subject, scopes=sorted(principal.scopes)
        )

    @handles("listApiKeys")
    async def list_api_keys(self, principal: Principal, query: ListApiKeysQuery) -> ApiKeyList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("createApiKey")
    async def create_api_key(self, principal: Principal, body: CreateApiKeyRequest) -> Reply:
        return _made(await self._service.create(principal, body))

    @handles("getApiKey")
    async def get_api_key(self, principal: Principal, path: GetApiKeyPath) -> ApiKey:
        return await self._service.get(principal, path.key_id)

    @handles("revokeApiKey")
    async def revoke_api_key(self, principal: Principal, path: RevokeApiKeyPath) -> ApiKey:
        return await self._service.revoke(principal, path.key_id)

    @handles("rotateApiKey")
    async def rotate_api_key(
        self, principal: Principal, path: RotateApiKeyPath, body: RotateApiKeyRequest
    ) -> Reply:
        return _made(await self._service.rotate(principal, path.key_id, body.overlap_seconds))


def _made(key: NewApiKey) -> Reply:
    # No cache along the way may keep the only copy of a secret.
    location = f"/api/v1/api-keys/{key.api_key.key_id}"
    return Reply(key, headers={"Location": location, "Cache-Control": "no-store"})
