"""HTTP of training aliases anew."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import (
    DeleteModelRetrainingPath,
    GetModelRetrainingPath,
    RetrainModelPath,
    SetModelRetrainingPath,
)
from pynomaly_server.contract.structs import ModelRetraining, RetrainingRule
from pynomaly_server.models.retraining.service import RetrainingService


class RetrainingController:
    def __init__(self, service: RetrainingService) -> None:
        self._service = service

    @handles("getModelRetraining")
    async def get_model_retraining(
        self, principal: Principal, path: GetModelRetrainingPath
    ) -> ModelRetraining:
        return await self._service.get(principal, path.name, path.alias)

    @handles("setModelRetraining")
    async def set_model_retraining(
        self, principal: Principal, path: SetModelRetrainingPath, body: RetrainingRule
    ) -> ModelRetraining:
        return await self._service.put(principal, path.name, path.alias, body)

    @handles("deleteModelRetraining")
    async def delete_model_retraining(self, principal: Principal, path: DeleteModelRetrainingPath) -> Reply:
        await self._service.delete(principal, path.name, path.alias)
        return Reply(None)

    @handles("retrainModel")
    async def retrain_model(self, principal: Principal, path: RetrainModelPath) -> Reply:
        job = await self._service.run(principal, path.name, path.alias)
        return Reply(job, headers={"Location": job.links.self})
