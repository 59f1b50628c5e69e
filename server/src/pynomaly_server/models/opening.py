"""From a reference to a loaded model: resolved in the database, read from storage once, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from pynomaly_server.contract.structs import ScoringModel
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.models.artefacts import UnreadableError, load
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.changes import Remembered
from pynomaly_server.models.references import Reference
from pynomaly_server.models.repository import KeptVersion, ModelRepository, Route
from pynomaly_server.models.traffic import Fingerprint, to_canary
from pynomaly_server.problems import ProblemError
from pynomaly_server.shared_lookups import SharedLookups
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.threads import in_thread

_log = structlog.get_logger("pynomaly.models")
_ROUNDS = 3
_MOST_BORDERS = 10_000


class OpenModel(msgspec.Struct, frozen=True):
    """A model that is ready to score, what it says of itself, and what its caller should know.

    `shadow` is a version that is to score the same rows after the answer, `failed` one that should have
    scored and cannot be read; `told` is the same model with the threshold of the alias, where that has one:
    the answer tells its scores.
    """

    pipeline: FittedPipeline
    kept: KeptVersion
    alias: str | None
    warnings: list[ResultWarning] = []
    shadow: KeptVersion | None = None
    failed: KeptVersion | None = None
    told: FittedPipeline | None = None

    @property
    def label_column(self) -> str | None:
        """The column of labels that the model was trained with and that is no feature."""
        return self.kept.label_column

    @property
    def model(self) -> ScoringModel:
        """The version that scores, as the answer names it."""
        kept = self.kept
        return ScoringModel(model_id=kept.model_id, name=kept.name, version=kept.version, alias=self.alias)


class OpenModels:
    """Opens models for their tenants."""

    def __init__(
        self,
        sessions: AsyncSessions,
        store: ObjectStore,
        cache: ModelCache,
        secret: str,
        former: Sequence[str] = (),
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._cache = cache
        self._remembered: Remembered[Route] = Remembered()
        self._looking: SharedLookups[tuple[str, Reference, str], tuple[float, Route]] = SharedLookups()
        self._borders: dict[tuple[str, float], float] = {}
        self._secret = secret
        self._former = tuple(former)

    async def open(
        self,
        tenant_id: str,
        reference: Reference,
        fingerprint: Fingerprint | None = None,
        mark: str | None = None,
    ) -> OpenModel:
        """The model that a reference means now.

        Where the version of an alias cannot be read, the last version before it that can serves instead, and
        a warning says so; instead of a canary it is the alias' own version.

        Args:
            tenant_id: Whose model it is.
            reference: Which one.
            fingerprint: What the request is told from others by, where an alias shares them between two
                versions; without it the alias' own version is opened.
            mark: The tenant's, as the request has found it: what was looked up under it is believed
                (`models.changes`). Without one, the database is asked.

        Raises:
            ProblemError: `not-found`, or `model-unreadable`.
        """
        route = await self._known(tenant_id, reference, mark)
        kept, reason = route.kept, ""
        for _ in range(_ROUNDS):
            kept = _chosen(route, reference, fingerprint)
            try:
                return self._opened(await self.load(kept), kept, reference, route)
            except UnreadableError as error:
                reason = str(error)
            # An alias may have moved on, and the version been deleted, while its file was looked for.
            now = await self.resolved(tenant_id, reference)
            if now == route:
                break
            route = now
        _log.error("model cannot be read", model=kept.name, version=kept.version, reason=reason)
        for before in await self._instead(tenant_id, kept, route, reference):
            try:
                pipeline = await self.load(before)
            except UnreadableError:
                continue
            what = " has scored" if kept != route.kept else ", where it pointed before, has scored"
            detail = (
                f"Version {kept.version} of the model {kept.name}, which {reference.alias} points at, cannot "
                f"be used: {reason}. Version {before.version}{what}. "
                "Train the model again, or roll the alias back."
            )
            warning = ResultWarning(code="earlier-version", detail=detail)
            return self._opened(pipeline, before, reference, route, warning, failed=kept)
        raise unreadable(kept, reason)

    def _opened(
        self,
        pipeline: FittedPipeline,
        kept: KeptVersion,
        reference: Reference,
        route: Route,
        *warnings: ResultWarning,
        failed: KeptVersion | None = None,
    ) -> OpenModel:
        told = None
        if route.threshold is not None:
            of = (kept.artefact_key, route.threshold)
            if of not in self._borders:
                if len(self._borders) >= _MOST_BORDERS:
                    self._borders.clear()
                self._borders[of] = pipeline.raw_at(route.threshold)
            told = pipeline.at(route.threshold, self._borders[of])
        return OpenModel(pipeline, kept, reference.alias, [*warnings], route.shadow, failed, told)

    async def _known(self, tenant_id: str, reference: Reference, mark: str | None) -> Route:
        if mark is None:
            return await self.resolved(tenant_id, reference)
        route = self._remembered.get(tenant_id, reference, mark)
        if route is not None:
            return route

        async def look_up() -> tuple[float, Route]:
            since = self._remembered.now()
            found = await self.resolved(tenant_id, reference)
            self._remembered.put(tenant_id, reference, mark, since, found)
            return since, found

        # What another request looks up under this mark is believed like what it has looked up a moment ago.
        asked = self._remembered.now()
        since, route = await self._looking.get((tenant_id, reference, mark), look_up)
        if since >= asked or self._remembered.believed(since):
            return route
        return await self.resolved(tenant_id, reference)

    async def resolved(self, tenant_id: str, reference: Reference) -> Route:
        """What a reference means now; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            models = ModelRepository(session, tenant_id)
            route = await models.resolve(reference)
            if route is not None:
                return route
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

    async def load(self, kept: KeptVersion) -> FittedPipeline:
        """A version, from memory where it is there; raises `UnreadableError`."""
        return await self._cache.get(
            kept.artefact_key,
            kept.artefact_bytes,
            lambda: in_thread(
                load, self._store, kept.artefact_key, kept.artefact_sha256, self._secret, self._former
            ),
        )

    async def _instead(
        self, tenant_id: str, kept: KeptVersion, route: Route, reference: Reference
    ) -> Sequence[KeptVersion]:
        """What may score where `kept` cannot be read, the best first."""
        if reference.alias is None:
            return []
        if kept != route.kept:
            return [route.kept]
        async with self._sessions.read() as session:
            return await ModelRepository(session, tenant_id).earlier(kept.model_id, reference.alias)


def _chosen(route: Route, reference: Reference, fingerprint: Fingerprint | None) -> KeptVersion:
    """The version that scores this request."""
    if route.canary is None or fingerprint is None:
        return route.kept
    salt = f"{route.kept.model_id}@{reference.alias}"
    return route.canary if to_canary(salt, fingerprint(), route.canary_share) else route.kept


def unreadable(kept: KeptVersion, reason: str) -> ProblemError:
    """The problem of a version whose file cannot be used; `reason` is the end of a sentence."""
    return ProblemError(
        "model-unreadable",
        f"Version {kept.version} of the model {kept.name} cannot be used: {reason}. Name another "
        "version, or train the model again.",
    )
