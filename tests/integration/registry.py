"""The services of models as the API has them, with a worker at hand, and rows to train on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from pynomaly_server.contract.structs import ModelAliasTarget, PredictionRequest, TrainingRequest
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.tables import ModelVersionRow
from pynomaly_server.detection.workload import Workload
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.drift.observing import Observer
from pynomaly_server.models.drift.service import DriftService
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.prediction import PredictionService
from pynomaly_server.models.service import ModelService
from pynomaly_server.models.signing_anew import models_part
from pynomaly_server.models.training import TrainingService
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.worker.broker import connect_async

# Rows with numbers, categories and identifiers; every tenth is far outside and said to be.
ROWS = [
    {
        "customer_id": f"c{n}",
        "amount": 900.0 + n if n % 10 == 9 else float(n * 37 % 50),
        "country": "FR" if n % 3 else "DE",
        "fraud": n % 10 == 9,
    }
    for n in range(200)
]
UNLABELLED = [{name: value for name, value in row.items() if name != "fraud"} for row in ROWS]


class Staying:
    """A worker that nobody tells to stop."""

    def requested(self):
        return False


async def free(_rows):
    """Nobody counts these rows."""


@dataclass
class Registry:
    """The services of models as the API has them, with a worker at hand."""

    world: object
    models: ModelService
    training: TrainingService
    predictions: PredictionService
    cache: ModelCache
    observer: Observer
    drift: DriftService

    async def submit(self, name="fraud", key=None, **options):
        request = TrainingRequest(name=name, **({"data": UNLABELLED} | options))
        return await self.training.train(self.world.principal, request, key)

    async def train(self, name="fraud", **options):
        """The version that a training makes, worked on here and now."""
        job, _ = await self.submit(name, **options)
        self.work(job.job_id)
        ended = await self.world.jobs.get(self.world.principal, job.job_id)
        assert ended.state == "succeeded", ended.error
        return ended.model

    def tools(self, **changed):
        world = self.world
        return JobTools(world.attempts, world.store, world.settings.model_copy(update=changed), Staying())

    def work(self, job_id, **changed):
        """Work on a job, with settings that differ where any are named."""
        run_attempt(self.world.attempts.claim(job_id), self.tools(**changed))

    async def sign_anew(self):
        """Sign all versions with another key, and forget the files of before: the settings that know it."""
        former, secret = self.artefact(1), "another-secret-key-0123456789abcdefghij"
        world = self.world
        taken = await models_part(world.async_sessions, world.store, secret, [world.settings.secret])
        async for _ in taken.items:
            pass
        former.unlink()
        return {"secret_key": SecretStr(secret)}

    async def predict(self, model, rows=UNLABELLED, **options):
        request = PredictionRequest(data=rows, **options)
        return await self.predictions.predict_rows(self.world.principal, model, request, free)

    async def drifted(self, model="fraud", hours=24):
        """The drift of a model, with all that was handed in counted."""
        await self.observer.flush()
        return await self.drift.drift(self.world.principal, model, hours)

    async def point(self, alias, version, name="fraud", **more):
        target = ModelAliasTarget(version=version, **more)
        return await self.models.set_alias(self.world.principal, name, alias, target)

    def artefact(self, version):
        """Where the file of a version lies."""
        with self.world.sessions.read() as session:
            key = session.scalar(
                sa.select(ModelVersionRow.artefact_key).where(ModelVersionRow.version == version)
            )
        return self.world.settings.data_dir / "objects" / key

    @classmethod
    def of(cls, world):
        cache = ModelCache(world.settings.model_cache_bytes)
        models = OpenModels(world.async_sessions, world.store, cache, world.settings.secret)
        observer = Observer(world.async_sessions, models.load)
        return cls(
            world,
            ModelService(
                world.async_sessions,
                world.store,
                Cursors(world.settings.secret),
                Announcements(connect_async(world.settings.broker_url)),
            ),
            TrainingService(
                world.submissions,
                world.datasets,
                Quotas(world.async_sessions, world.settings),
                UNLIMITED,
                world.features,
            ),
            PredictionService(models, observer, Workload(), UNLIMITED, world.features),
            cache,
            observer,
            DriftService(world.async_sessions, models),
        )


one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what no database does otherwise than another."""
