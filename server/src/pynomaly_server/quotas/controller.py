"""HTTP of the tag `usage`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import handles
from pynomaly_server.contract.structs import Usage
from pynomaly_server.quotas.usage import UsageService


class UsageController:
    def __init__(self, service: UsageService) -> None:
        self._service = service

    @handles("getUsage")
    async def get_usage(self, principal: Principal) -> Usage:
        return await self._service.show(principal)
