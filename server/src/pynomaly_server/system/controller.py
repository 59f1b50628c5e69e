"""HTTP of the tag `system`."""

from __future__ import annotations

from importlib import resources
from typing import Final

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.structs import Health, Liveness
from pynomaly_server.problems import ProblemError
from pynomaly_server.system.documentation import PAGE
from pynomaly_server.system.health import HealthService
from pynomaly_server.telemetry.exposition import MEDIA_TYPE
from pynomaly_server.telemetry.service import FiguresService

_PAGE_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SystemController:
    """None of the operations touches a tenant's data; all but the figures are public."""

    def __init__(self, health: HealthService, figures: FiguresService) -> None:
        self._health = health
        self._figures = figures
        self._contract = (resources.files("pynomaly_server.contract") / "openapi.json").read_bytes()

    @handles("healthCheck")
    async def health_check(self) -> Health:
        return await self._health.health()

    @handles("checkLiveness")
    async def check_liveness(self) -> Liveness:
        return Liveness(status="ok")

    @handles("checkReadiness")
    async def check_readiness(self) -> Health:
        health = await self._health.health()
        if health.status == "down":
            failed = ", ".join(
                f"{check.name} {check.detail}" for check in health.checks if check.status != "ok"
            )
            raise ProblemError("unavailable", f"The server is not ready: {failed}.")
        return health

    @handles("getContract")
    async def get_contract(self) -> Reply:
        return Reply(self._contract, headers={"cache-control": "public, max-age=300"})

    @handles("getDocs")
    async def get_docs(self) -> Reply:
        return Reply(PAGE, headers={"content-security-policy": _PAGE_POLICY})

    @handles("getMetrics")
    async def get_metrics(self, principal: Principal) -> Reply:
        text = await self._figures.text(principal)
        return Reply(text.encode(), MEDIA_TYPE, headers={"cache-control": "no-store"})
