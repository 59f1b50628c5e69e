"""From a reference to a loaded model: resolved in the database, read from storage once, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from pynomaly_server.contract.structs import ScoringModel
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.models.artefacts import UnreadableError, load
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.references import Reference
from pynomaly_server.models.repository import KeptVersion, ModelRepository
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.threads import in_thread

_log = structlog.get_logger("pynomaly.models")
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model that is ready to score, what it says of itself, and what its caller should know."""

    pipeline: FittedPipeline
    model: ScoringModel
    label_column: str | None
    warnings: list[ResultWarning] = field(default_factory=list)


class OpenModels:
    """Opens models for their tenants."""

    def __init__(self, sessions: AsyncSessions, store: ObjectStore, cache: ModelCache, secret: str) -> None:
        self._sessions = sessions
        self._store = store
        self._cache = cache
        self._secret = secret

    async def open(self, tenant_id: str, reference: Reference) -> OpenModel:
        """The model that a reference means now.

        Where the version of an alias cannot be read, the last version before it that can serves instead, and
        a warning says so.

        Raises:
            ProblemError: `not-found`, or `model-unreadable`.
        """
        kept = await self._resolved(tenant_id, reference)
        reason = ""
        for _ in range(_ROUNDS):
            try:
                return OpenModel(await self._loaded(kept), _named(kept, reference), kept.label_column)
            except UnreadableError as error:
                reason = str(error)
            # An alias may have moved on, and the version been deleted, while its file was looked for.
            now = await self._resolved(tenant_id, reference)
            if now == kept:
                break
            kept = now
        _log.error("model cannot be read", model=kept.name, version=kept.version, reason=reason)
        for before in await self._before(tenant_id, kept, reference):
            try:
                pipeline = await self._loaded(before)
            except UnreadableError:
                continue
            detail = (
                f"Version {kept.version} of the model {kept.name}, which {reference.alias} points at, cannot "
                f"be used: {reason}. Version {before.version}, where it pointed before, has scored. "
                "Train the model again, or roll the alias back."
            )
            warning = ResultWarning(code="earlier-version", detail=detail)
            return OpenModel(pipeline, _named(before, reference), before.label_column, [warning])
        raise ProblemError(
            "model-unreadable",
            f"Version {kept.version} of the model {kept.name} cannot be used: {reason}. Name another "
            "version, or train the model again.",
        )

    async def _resolved(self, tenant_id: str, reference: Reference) -> KeptVersion:
        async with self._sessions.read() as session:
            models = ModelRepository(session, tenant_id)
            kept = await models.resolve(reference)
            if kept is not None:
                return kept
            model = await models.find(reference.model)
        if model is None:
            raise ProblemError(
                "not-found", f"There is no model {reference.model}. Train it with trainModel first."
            )
        if reference.version is not None:
            raise ProblemError("not-found", f"The model {model.name} has no version {reference.version}.")
        if reference.alias is not None:
            raise ProblemError(
                "not-found",
                f"The model {model.name} has no alias {reference.alias}. Make it with setModelAlias, or name "
                "a version.",
            )
        raise ProblemError("not-found", f"The model {model.name} has no version any more. Train it again.")

    async def _loaded(self, kept: KeptVersion) -> FittedPipeline:
        return await self._cache.get(
            kept.artefact_key,
            kept.artefact_bytes,
            lambda: in_thread(load, self._store, kept.artefact_key, kept.artefact_sha256, self._secret),
        )

    async def _before(self, tenant_id: str, kept: KeptVersion, reference: Reference) -> Sequence[KeptVersion]:
        if reference.alias is None:
            return []
        async with self._sessions.read() as session:
            return await ModelRepository(session, tenant_id).earlier(kept.model_id, reference.alias)


def _named(kept: KeptVersion, reference: Reference) -> ScoringModel:
    return ScoringModel(model_id=kept.model_id, name=kept.name, version=kept.version, alias=reference.alias)
