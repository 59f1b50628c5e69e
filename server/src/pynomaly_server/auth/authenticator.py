"""Tells an API key from an access token and asks whoever knows it."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.service import AuthService
from pynomaly_server.auth.tokens import TokenService


class CredentialAuthenticator:
    """Makes a principal of either kind of credential."""

    def __init__(self, keys: AuthService, tokens: TokenService) -> None:
        self._keys = keys
        self._tokens = tokens

    async def authenticate(self, credential: str) -> Principal | None:
        """The caller, or None where the credential is neither, or does not work (any more)."""
        # No JWT begins so: its header is a JSON object, which begins with "eyJ" in base64.
        if credential.startswith("pyn_"):
            return await self._keys.authenticate(credential)
        if credential.count(".") == 2:
            return await self._tokens.authenticate(credential)
        return None
