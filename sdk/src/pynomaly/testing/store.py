"""What the fake server keeps, and what does each of its operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pynomaly.testing import algorithms
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import Asked
from pynomaly.testing.datasets import Datasets, joined
from pynomaly.testing.detection import check_size, detect, n_rows, options_of, read_columns
from pynomaly.testing.jobs import Jobs
from pynomaly.testing.models import Models
from pynomaly.testing.problems import Refusal
from pynomaly.testing.replies import CALLER, Ids, Keys, Reply, Work
from pynomaly.testing.training import Training


class Store:
    """Datasets, jobs and models.

    Args:
        clock: Says how far a job has come.
        max_rows: Most rows of one request.
        queue_seconds: How long a job waits for a worker.
        run_seconds: How long it is worked on.
    """

    def __init__(
        self, clock: VirtualClock, *, max_rows: int, queue_seconds: float, run_seconds: float
    ) -> None:
        ids = Ids()
        self._max_rows = max_rows
        self.jobs = Jobs(clock, ids, queue_seconds=queue_seconds, run_seconds=run_seconds)
        self.datasets = Datasets(clock, ids, self.jobs.reader_of)
        self.models = Models(clock, ids, self.jobs, max_rows)
        training = Training(self.datasets, self.jobs, self.models, max_rows)
        own: dict[str, Work] = {
            "detectAnomalies": self._detect,
            "listAlgorithms": lambda _: Reply(algorithms.listed()),
            "getAlgorithm": lambda asked: Reply(
                algorithms.find(asked.parameters["name"], "not-found").described()
            ),
            "batchDetect": self._submit,
            "trainModel": training.submit,
            "healthCheck": lambda _: Reply(_HEALTH),
            "checkLiveness": lambda _: Reply({"status": "ok"}),
            "checkReadiness": lambda _: Reply(_HEALTH),
            "whoAmI": lambda _: Reply(_CALLER),
            **self.datasets.operations,
            **self.jobs.operations,
            **self.models.operations,
        }
        keys = Keys(self.jobs.present)
        once = {name: keys.once(own[name]) for name in ("uploadDataset", "batchDetect", "trainModel")}
        self.operations: Mapping[str, Work] = {**own, **once}

    def _detect(self, asked: Asked) -> Reply:
        given = options_of(asked)
        if "model_id" in given:
            return self.models.detect(asked, given)
        columns = read_columns(asked.content, asked.media_type)
        check_size(columns, self._max_rows)
        return Reply(detect(columns, given))

    def _submit(self, asked: Asked) -> Reply:
        given = options_of(asked)
        algorithms.find("ensemble" if given.get("ensemble_methods") else given.get("algorithm", "auto"))
        columns = joined(tables := self.datasets.tables(asked.body.data_sources))
        failure, result = None, None
        scorer = self.models.batch(given) if "model_id" in given else None
        try:
            result = detect(columns, given) if scorer is None else scorer(columns)
        except Refusal as refusal:
            failure = refusal
        named = [table.name for table in tables]
        kind = "detection" if scorer is None else "scoring"
        return self.jobs.submit(kind, asked, named, n_rows(columns), result=result, failure=failure)


_HEALTH: dict[str, Any] = {
    "status": "ok",
    "version": "fake",
    "checks": [
        {"name": name, "status": "ok", "detail": "It is in memory.", "elapsed_ms": 0.0}
        for name in ("database", "broker", "workers")
    ],
}
_CALLER = {"tenant_id": "tnt_fake", "subject": CALLER, "role": None, "scopes": ["*"]}
