"""Submits trainings: a job of its own kind, whose rows are datasets whatever they came as."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import Job, TrainingRequest
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.detection import fitting
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.features import Feature, Features
from pynomaly_server.jobs.intake import CountRows, NewJob
from pynomaly_server.jobs.submission import Submissions, hash_of
from pynomaly_server.models.order import KIND_TRAINING, TrainingOrder
from pynomaly_server.models.references import is_id
from pynomaly_server.models.repository import ModelRepository
from pynomaly_server.models.retraining.order import Validation
from pynomaly_server.problems import Fault, invalid
from pynomaly_server.quotas.quota import no_room_for_a_model
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.tabular.reading import TableLimits, frame_from_rows
from pynomaly_server.threads import in_thread

UPLOAD_REMEDY: Final = (
    "Upload the rows with uploadDataset (POST /api/v1/datasets) and name the dataset in data_sources."
)
_PARQUET: Final = "application/vnd.apache.parquet"


class TrainingService:
    """`limits` bound rows that come with the request."""

    def __init__(
        self,
        submissions: Submissions,
        datasets: DatasetService,
        quotas: Quotas,
        limits: TableLimits,
        features: Features | None = None,
    ) -> None:
        self._submissions = submissions
        self._datasets = datasets
        self._quotas = quotas
        self._limits = limits
        self._features = features or Features()
        datasets.count_beside(_stored_models)

    async def train(
        self,
        principal: Principal,
        request: TrainingRequest,
        idempotency_key: str | None,
        count_rows: CountRows | None = None,
        validation: Validation | None = None,
    ) -> tuple[Job, bool]:
        """Store a training, then tell the workers; takes, answers and raises what `Submissions.submit` does.

        With a `validation` some rows are held out, and the version says how it did on them against another.
        Rows of the request itself are stored as a dataset; the same rows within 24 hours as the same one.

        Raises:
            ProblemError: also `bad-dataset`, `payload-too-large` or `quota-exceeded` for these rows, or
                `switched-off`.
        """
        request_hash = hash_of(request)
        earlier = await self._submissions.earlier(principal, idempotency_key, request_hash)
        if earlier is not None:
            return earlier, True
        self._features.check(Feature.TRAININGS)
        with as_problems(UPLOAD_REMEDY):
            fitting.check_switch(request, self._features)
        _check(request)
        await self._check_room(principal)
        named = request.data_sources or [await self._stored(principal, request)]
        kept = msgspec.structs.replace(request, data=None, column_names=None, data_sources=named)
        order = TrainingOrder(kept, principal.subject, validation)
        new = NewJob(KIND_TRAINING, kept, msgspec.to_builtins(order), request_hash)
        return await self._submissions.add(principal, new, named, idempotency_key, count_rows)

    async def _check_room(self, principal: Principal) -> None:
        """Refuse where nothing more can be stored; how large the model will be, nobody knows yet."""
        quota = (await self._quotas.of(principal.tenant_id)).stored_bytes
        if quota is None:
            return
        stored = await self._datasets.stored_bytes(principal)
        if stored >= quota:
            raise no_room_for_a_model(quota, stored)

    async def _stored(self, principal: Principal, request: TrainingRequest) -> str:
        """The id of the dataset that the request's own rows have become."""
        data = await in_thread(_as_parquet, request, self._limits)

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        rows = hashlib.sha256(data).hexdigest()
        dataset, _ = await self._datasets.upload_once(
            principal, _PARQUET, f"rows of {request.name}", chunks(), f"rows-of-{request.name}-{rows}"
        )
        return dataset.dataset_id


async def _stored_models(session: AsyncSession, tenant_id: str) -> int:
    return await ModelRepository(session, tenant_id).stored()


def _as_parquet(request: TrainingRequest, limits: TableLimits) -> bytes:
    file = io.BytesIO()
    with as_problems(UPLOAD_REMEDY):
        frame: pl.DataFrame = frame_from_rows(request.data or [], request.column_names, limits)
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def _check(request: TrainingRequest) -> None:
    """Raises `ProblemError` where fields do not go together, or no table could make them usable."""
    faults = []
    if (request.data is None) == (request.data_sources is None):
        faults.append(
            Fault("", "names its rows either in data or in data_sources, and not in both or neither")
        )
    if request.column_names is not None and request.data is None:
        faults.append(
            Fault("/column_names", "is for rows in data alone; data sources have names of their own")
        )
    if is_id(request.name):
        faults.append(Fault("/name", "looks like the id of a model; take a name"))
    if request.label_column is not None and request.label_column in (request.features or ()):
        faults.append(
            Fault("/features", f"names {request.label_column!r}, the column of labels; a label is no feature")
        )
    if faults:
        raise invalid(faults)
    with as_problems(UPLOAD_REMEDY):
        fitting.check(request)
