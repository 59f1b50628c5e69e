"""HTTP of the tag `models`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import TableBody
from pynomaly_server.binding.operations import Reply, RequestInfo, handles
from pynomaly_server.contract.operations import (
    DeleteModelAliasPath,
    DeleteModelPath,
    DeleteModelVersionPath,
    GetModelAliasPath,
    GetModelDriftPath,
    GetModelDriftQuery,
    GetModelPath,
    GetModelVersionPath,
    ListModelsQuery,
    ListModelVersionsPath,
    ListModelVersionsQuery,
    PredictWithModelPath,
    PredictWithModelQuery,
    RollbackModelAliasPath,
    SetModelAliasPath,
    TrainModelHeaders,
)
from pynomaly_server.contract.structs import (
    DetectionResult,
    Model,
    ModelAlias,
    ModelAliasHistory,
    ModelAliasTarget,
    ModelDrift,
    ModelList,
    ModelVersion,
    ModelVersionList,
    PredictionRequest,
    TrainingRequest,
)
from pynomaly_server.models.drift.service import DriftService
from pynomaly_server.models.prediction import PredictionService
from pynomaly_server.models.service import ModelService
from pynomaly_server.models.training import TrainingService
from pynomaly_server.problems import Fault, invalid


class ModelsController:
    def __init__(
        self,
        service: ModelService,
        training: TrainingService,
        predictions: PredictionService,
        drift: DriftService,
    ) -> None:
        self._service = service
        self._training = training
        self._predictions = predictions
        self._drift = drift

    @handles("trainModel")
    async def train_model(
        self, principal: Principal, headers: TrainModelHeaders, body: TrainingRequest, info: RequestInfo
    ) -> Reply:
        job, replayed = await self._training.train(
            principal, body, headers.idempotency_key, info.allowance.take_rows
        )
        location = {"Location": job.links.self}
        return Reply(job, headers={**location, "Idempotency-Replayed": "true"} if replayed else location)

    @handles("listModels")
    async def list_models(self, principal: Principal, query: ListModelsQuery) -> ModelList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("getModel")
    async def get_model(self, principal: Principal, path: GetModelPath) -> Model:
        return await self._service.get(principal, path.name)

    @handles("deleteModel")
    async def delete_model(self, principal: Principal, path: DeleteModelPath) -> Reply:
        await self._service.delete(principal, path.name)
        return Reply(None)

    @handles("listModelVersions")
    async def list_model_versions(
        self, principal: Principal, path: ListModelVersionsPath, query: ListModelVersionsQuery
    ) -> ModelVersionList:
        return await self._service.versions(principal, path.name, limit=query.limit, cursor=query.cursor)

    @handles("getModelVersion")
    async def get_model_version(self, principal: Principal, path: GetModelVersionPath) -> ModelVersion:
        return await self._service.version(principal, path.name, path.version)

    @handles("deleteModelVersion")
    async def delete_model_version(self, principal: Principal, path: DeleteModelVersionPath) -> Reply:
        await self._service.delete_version(principal, path.name, path.version)
        return Reply(None)

    @handles("getModelAlias")
    async def get_model_alias(self, principal: Principal, path: GetModelAliasPath) -> ModelAliasHistory:
        return await self._service.alias(principal, path.name, path.alias)

    @handles("setModelAlias")
    async def set_model_alias(
        self, principal: Principal, path: SetModelAliasPath, body: ModelAliasTarget
    ) -> ModelAlias:
        return await self._service.set_alias(principal, path.name, path.alias, body)

    @handles("deleteModelAlias")
    async def delete_model_alias(self, principal: Principal, path: DeleteModelAliasPath) -> Reply:
        await self._service.delete_alias(principal, path.name, path.alias)
        return Reply(None)

    @handles("rollbackModelAlias")
    async def rollback_model_alias(self, principal: Principal, path: RollbackModelAliasPath) -> ModelAlias:
        return await self._service.roll_back(principal, path.name, path.alias)

    @handles("getModelDrift")
    async def get_model_drift(
        self, principal: Principal, path: GetModelDriftPath, query: GetModelDriftQuery
    ) -> ModelDrift:
        return await self._drift.drift(principal, path.name, query.hours)

    @handles("predictWithModel")
    async def predict_with_model(
        self,
        principal: Principal,
        path: PredictWithModelPath,
        query: PredictWithModelQuery,
        body: PredictionRequest | TableBody,
        info: RequestInfo,
    ) -> DetectionResult:
        charge, mark = info.allowance.take_rows, info.allowance.mark
        if isinstance(body, TableBody):
            return await self._predictions.predict_table(
                principal, path.name, body.data, body.media_type, query, charge, mark
            )
        if info.given:
            # Which of two values should win is a guess that the server does not make.
            raise invalid([Fault(f"?{name}", "belongs into the JSON body") for name in sorted(info.given)])
        return await self._predictions.predict_rows(principal, path.name, body, charge, mark)
