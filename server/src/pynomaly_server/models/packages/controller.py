"""HTTP of packages, which are of the tag `models`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import BodyStream
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import ImportModelQuery, PackageModelPath
from pynomaly_server.models.packages.form import MEDIA_TYPE
from pynomaly_server.models.packages.service import PackageService


class PackagesController:
    def __init__(self, service: PackageService) -> None:
        self._service = service

    @handles("packageModel")
    async def package_model(self, principal: Principal, path: PackageModelPath) -> Reply:
        name, chunks = await self._service.export(principal, path.name)
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Reply(chunks, media_type=MEDIA_TYPE, headers=disposition)

    @handles("importModel")
    async def import_model(self, principal: Principal, query: ImportModelQuery, body: BodyStream) -> Reply:
        version = await self._service.take(principal, body.chunks, query.name)
        location = f"/api/v1/models/{version.name}/versions/{version.version}"
        return Reply(version, headers={"Location": location})
