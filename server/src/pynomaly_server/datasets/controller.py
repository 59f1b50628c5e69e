"""HTTP of the tag `datasets`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import BodyStream
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import (
    DeleteDatasetPath,
    GetDatasetPath,
    ListDatasetsQuery,
    ProfileDatasetPath,
    UploadDatasetHeaders,
    UploadDatasetQuery,
)
from pynomaly_server.contract.structs import Dataset, DatasetList, DatasetProfile
from pynomaly_server.datasets.service import DatasetService


class DatasetsController:
    def __init__(self, service: DatasetService) -> None:
        self._service = service

    @handles("uploadDataset")
    async def upload_dataset(
        self, principal: Principal, query: UploadDatasetQuery, headers: UploadDatasetHeaders, body: BodyStream
    ) -> Reply:
        table = (principal, body.media_type, query.name, body.chunks)
        if headers.idempotency_key is None:
            dataset, replayed = await self._service.upload(*table), False
        else:
            dataset, replayed = await self._service.upload_once(*table, headers.idempotency_key)
        location = {"Location": f"/api/v1/datasets/{dataset.dataset_id}"}
        return Reply(dataset, headers={**location, "Idempotency-Replayed": "true"} if replayed else location)

    @handles("listDatasets")
    async def list_datasets(self, principal: Principal, query: ListDatasetsQuery) -> DatasetList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("getDataset")
    async def get_dataset(self, principal: Principal, path: GetDatasetPath) -> Dataset:
        return await self._service.get(principal, path.dataset_id)

    @handles("deleteDataset")
    async def delete_dataset(self, principal: Principal, path: DeleteDatasetPath) -> Reply:
        await self._service.delete(principal, path.dataset_id)
        return Reply(None)

    @handles("profileDataset")
    async def profile_dataset(self, principal: Principal, path: ProfileDatasetPath) -> DatasetProfile:
        return await self._service.profile(principal, path.dataset_id)
