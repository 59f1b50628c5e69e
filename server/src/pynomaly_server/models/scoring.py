"""Submits detections by trained models as jobs: the version is settled here, once for all rows."""

from __future__ import annotations

import msgspec

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest, Job, ScoringModel
from pynomaly_server.db.transactions import Transaction
from pynomaly_server.jobs.intake import CountRows, NewJob
from pynomaly_server.jobs.submission import KIND_SCORING, Submissions, hash_of
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.order import ScoringOrder
from pynomaly_server.models.prediction import check_detection
from pynomaly_server.models.references import parse
from pynomaly_server.models.repository import hold_version
from pynomaly_server.problems import ProblemError


class BatchDetections:
    """Takes detections that are to be jobs; those that name no model are the jobs' own matter."""

    def __init__(self, submissions: Submissions, models: OpenModels) -> None:
        self._submissions = submissions
        self._models = models

    async def submit(
        self,
        principal: Principal,
        request: BatchDetectionRequest,
        idempotency_key: str | None,
        count_rows: CountRows | None = None,
    ) -> tuple[Job, bool]:
        """Store a job, then tell the workers; takes, answers and raises what `Submissions.submit` does.

        A submission that is repeated with its key is the earlier one, wherever the alias points by then.

        Raises:
            ProblemError: also `forbidden`, `validation` where it says how to fit a model besides, or
                `not-found` for the model.
        """
        if request.model_id is None:
            return await self._submissions.submit(principal, request, idempotency_key, count_rows)
        check_detection(principal, request, "/")
        request_hash = hash_of(request)
        earlier = await self._submissions.earlier(principal, idempotency_key, request_hash)
        if earlier is not None:
            return earlier, True
        reference = parse(request.model_id)
        route = await self._models.resolved(principal.tenant_id, reference)
        kept = route.kept
        order = ScoringOrder(
            request,
            ScoringModel(model_id=kept.model_id, name=kept.name, version=kept.version, alias=reference.alias),
            kept.label_column,
            route.threshold,
        )

        async def hold(transaction: Transaction) -> None:
            if not await hold_version(transaction, principal.tenant_id, kept.model_id, kept.version):
                raise ProblemError(
                    "not-found",
                    f"Version {kept.version} of the model {kept.name} has just been deleted. Name a version "
                    "that is there; listModelVersions shows them.",
                )

        new = NewJob(KIND_SCORING, request, msgspec.to_builtins(order), request_hash, hold)
        return await self._submissions.add(principal, new, request.data_sources, idempotency_key, count_rows)
