"""HTTP of the tags `auth` and `users`."""

from __future__ import annotations

from pynomaly_server.auth.api_keys import ApiKeyService
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.tokens import TokenService
from pynomaly_server.auth.users import UserService
from pynomaly_server.binding.operations import Reply, RequestInfo, handles
from pynomaly_server.contract.operations import (
    DeleteUserPath,
    GetApiKeyPath,
    GetUserPath,
    ListApiKeysQuery,
    ListUsersQuery,
    RevokeApiKeyPath,
    RotateApiKeyPath,
    UpdateUserPath,
)
from pynomaly_server.contract.structs import (
    ApiKey,
    ApiKeyList,
    Caller,
    CreateApiKeyRequest,
    LoginRequest,
    NewApiKey,
    PasswordChange,
    RefreshRequest,
    RotateApiKeyRequest,
    TokenPair,
    User,
    UserChanges,
    UserCreation,
    UserList,
)


class AuthController:
    def __init__(self, keys: ApiKeyService, tokens: TokenService) -> None:
        self._service = keys
        self._tokens = tokens

    @handles("createToken")
    async def create_token(self, body: LoginRequest) -> TokenPair:
        return await self._tokens.log_in(body)

    @handles("refreshToken")
    async def refresh_token(self, body: RefreshRequest, info: RequestInfo) -> TokenPair:
        return await self._tokens.renew(body.refresh_token, info.arrived)

    @handles("revokeToken")
    async def revoke_token(self, body: RefreshRequest) -> None:
        await self._tokens.log_out(body.refresh_token)

    @handles("whoAmI")
    async def who_am_i(self, principal: Principal) -> Caller:
        return Caller(
            tenant_id=principal.tenant_id,
            subject=principal.subject,
            role=principal.role,
            scopes=sorted(principal.scopes),
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


class UsersController:
    def __init__(self, service: UserService) -> None:
        self._service = service

    @handles("listUsers")
    async def list_users(self, principal: Principal, query: ListUsersQuery) -> UserList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("createUser")
    async def create_user(self, principal: Principal, body: UserCreation) -> Reply:
        user = await self._service.create(principal, body)
        return Reply(user, headers={"Location": f"/api/v1/users/{user.user_id}"})

    @handles("getUser")
    async def get_user(self, principal: Principal, path: GetUserPath) -> User:
        return await self._service.get(principal, path.user_id)

    @handles("updateUser")
    async def update_user(self, principal: Principal, path: UpdateUserPath, body: UserChanges) -> User:
        return await self._service.change(principal, path.user_id, body)

    @handles("deleteUser")
    async def delete_user(self, principal: Principal, path: DeleteUserPath) -> None:
        await self._service.delete(principal, path.user_id)

    @handles("changePassword")
    async def change_password(self, principal: Principal, body: PasswordChange) -> None:
        await self._service.change_password(principal, body)


def _made(key: NewApiKey) -> Reply:
    # No cache along the way may keep the only copy of a secret.
    location = f"/api/v1/api-keys/{key.api_key.key_id}"
    return Reply(key, headers={"Location": location, "Cache-Control": "no-store"})
