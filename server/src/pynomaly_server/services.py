"""Builds what the API process is made of, opens it with the server and closes it with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

import anyio.to_thread

from pynomaly_server.addresses import TrustedProxies
from pynomaly_server.algorithms.controller import AlgorithmsController
from pynomaly_server.algorithms.service import AlgorithmService
from pynomaly_server.audit.chain import Chain
from pynomaly_server.audit.controller import AuditController
from pynomaly_server.audit.noting import AuditNotes
from pynomaly_server.audit.service import AuditService
from pynomaly_server.audit.trail import AuditTrail
from pynomaly_server.auth.access_tokens import AccessTokens
from pynomaly_server.auth.admission import Admission
from pynomaly_server.auth.api_keys import ApiKeyService
from pynomaly_server.auth.authenticator import CredentialAuthenticator
from pynomaly_server.auth.controller import AuthController, UsersController
from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.auth.service import AuthService
from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm
from pynomaly_server.auth.tokens import TokenService
from pynomaly_server.auth.users import UserService
from pynomaly_server.credentials.controller import CredentialsController
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.cursors import Cursors
from pynomaly_server.datasets.controller import DatasetsController
from pynomaly_server.datasets.limits import MAX_FIELD_BYTES
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.revisions import current_revision, known_revisions, lacking
from pynomaly_server.db.session import AsyncSessions, make_async_engine, make_async_sessions
from pynomaly_server.detection.controller import DetectionController
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.detection.warmup import warm_up
from pynomaly_server.detection.workload import Workload
from pynomaly_server.features import Features
from pynomaly_server.jobs.controller import JobsController
from pynomaly_server.jobs.service import JobService
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.controller import ModelsController
from pynomaly_server.models.drift.observing import Observer
from pynomaly_server.models.drift.service import DriftService
from pynomaly_server.models.feedback.controller import FeedbackController
from pynomaly_server.models.feedback.service import FeedbackService
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.packages.controller import PackagesController
from pynomaly_server.models.packages.service import PackageService
from pynomaly_server.models.packages.signatures import PackageKeys, trusted_keys
from pynomaly_server.models.prediction import PredictionService
from pynomaly_server.models.retraining.controller import RetrainingController
from pynomaly_server.models.retraining.service import RetrainingService
from pynomaly_server.models.scoring import BatchDetections
from pynomaly_server.models.service import ModelService
from pynomaly_server.models.training import TrainingService
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.passage import Passage
from pynomaly_server.quotas.controller import UsageController
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.quotas.usage import UsageService
from pynomaly_server.ratelimit.limiter import RateLimiter
from pynomaly_server.ratelimit.senders import SenderLimits
from pynomaly_server.ratelimit.shared import SharedBuckets
from pynomaly_server.secret_keys.former import FormerKeys
from pynomaly_server.settings import Settings
from pynomaly_server.shedding.bulkheads import Bulkheads
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.system.controller import SystemController
from pynomaly_server.system.health import HealthService, PartDownError
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.telemetry import tracing
from pynomaly_server.telemetry.service import FiguresService
from pynomaly_server.telemetry.totals import Reporter
from pynomaly_server.threads import in_thread
from pynomaly_server.webhooks.controller import WebhooksController
from pynomaly_server.webhooks.service import WebhookService
from pynomaly_server.worker.broker import connect_async
from pynomaly_server.worker.heartbeat import count_workers
from pynomaly_server.worker.publisher import BackgroundPublisher

_EXPANSION: Final = 8
_CELLS_PER_ROW: Final = 200


class Services:
    """Everything that a request may need, made once per process.

    Connections are opened by the first use; entering the context only warms up the engine, so that a server
    whose database is down starts, says so, and works once it is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = make_async_engine(settings)
        self._sessions = make_async_sessions(self._engine)
        self._broker = connect_async(settings.broker_url)
        self._publisher = BackgroundPublisher(settings)
        self._former = FormerKeys(self._sessions, settings.secret, settings.former_secrets)
        self._auth = AuthService(self._sessions, settings.secret, former=self._former)
        cursors = Cursors(settings.secret, settings.former_secrets)
        self._api_keys = ApiKeyService(self._sessions, self._auth, cursors)
        self._trail = AuditTrail(self._sessions, Chain(settings.secret))
        self._audit = AuditService(self._sessions, cursors)
        passwords = Passwords()
        self._tokens = token_service(self._sessions, settings, passwords, former=self._former)
        self._users = UserService(self._sessions, passwords, cursors)
        store = ObjectStore.from_url(settings.storage_url)
        self._stopping = asyncio.Event()
        self._quotas = quotas = Quotas(self._sessions, settings)
        self._features = features = Features(settings.switched_off)
        self._datasets = DatasetService(self._sessions, store, settings, quotas, features)
        guard = Guard(Allowances.parse(settings.outbound_allow))
        self._credentials = CredentialService(self._sessions, guard, settings.secret, settings.former_secrets)
        self._jobs = JobService(
            self._sessions,
            store,
            self._datasets,
            self._credentials,
            self._publisher,
            settings,
            quotas,
            features,
            self._stopping,
        )
        workload, limits = Workload(), request_limits(settings)
        self._detection = DetectionService(workload, limits, settings.detect_max_seconds, features)
        cache = ModelCache(settings.model_cache_bytes)
        models = OpenModels(self._sessions, store, cache, settings.secret, settings.former_secrets)
        self._batch_detections = BatchDetections(self._jobs.submissions, models)
        self._observer = Observer(self._sessions, models.load)
        self._drift = DriftService(self._sessions, models)
        self._predictions = PredictionService(models, self._observer, workload, limits, features)
        self._feedback = FeedbackService(self._sessions, models, workload, limits)
        self._training = TrainingService(self._jobs.submissions, self._datasets, quotas, limits, features)
        announcements = Announcements(self._broker)
        self._models = ModelService(self._sessions, store, cursors, announcements)
        self._retraining = RetrainingService(
            self._sessions, self._training, self._datasets, announcements, Chain(settings.secret)
        )
        keys = PackageKeys(
            settings.secret, trusted_keys(settings.model_trusted_keys), settings.former_secrets
        )
        self._packages = PackageService(
            self._sessions,
            store,
            models,
            self._datasets,
            announcements,
            keys,
            settings.secret,
            settings.former_secrets,
            features,
        )
        self._webhooks = WebhookService(self._sessions, guard, settings.secret, settings.former_secrets)
        self._health = HealthService(
            {"database": self._check_database, "broker": self._check_broker, "workers": self._check_workers},
            required=frozenset({"database"}),
        )
        self._figures = FiguresService(self._sessions, self._auth, self._health, settings)
        self._buckets = SharedBuckets(settings.broker_url, settings.rate_limit_patience_seconds)
        self._limiter = RateLimiter(self._buckets, settings.rate_limits, quotas)
        self._usage = UsageService(
            quotas, self._buckets, stored_bytes=self._datasets.stored_bytes, jobs=self._jobs.unfinished
        )
        self._proxies = TrustedProxies.parse(settings.trusted_proxies)
        self._open = AsyncExitStack()

    def controllers(self) -> list[object]:
        """One controller per tag."""
        return [
            AlgorithmsController(AlgorithmService()),
            AuditController(self._audit),
            AuthController(self._api_keys, self._tokens),
            CredentialsController(self._credentials),
            DatasetsController(self._datasets),
            DetectionController(self._detection, self._predictions),
            JobsController(self._jobs, self._batch_detections),
            ModelsController(self._models, self._training, self._predictions, self._drift),
            PackagesController(self._packages),
            FeedbackController(self._feedback),
            RetrainingController(self._retraining),
            SystemController(self._health, self._figures),
            UsageController(self._usage),
            UsersController(self._users),
            WebhooksController(self._webhooks),
        ]

    def sender_limits(self) -> SenderLimits:
        """What charges senders who are not known yet."""
        return SenderLimits(self._limiter, self._proxies)

    def passage(self, senders: SenderLimits) -> Passage:
        """What stands before and behind every operation."""
        authenticator = CredentialAuthenticator(self._auth, self._tokens)
        return Passage(
            Bulkheads(), senders, AuditNotes(self._trail, self._auth), Admission(authenticator, self._limiter)
        )

    def change(self, settings: Settings) -> None:
        """Hold callers and tenants to the limits, quotas and switches of the settings as they are now."""
        self._limiter.change(settings.rate_limits)
        self._quotas.change_for_all(settings)
        self._features.switch_off(settings.switched_off)

    def stop_waiting(self) -> None:
        """Answer those who wait for the end of a job, since the process is about to stop."""
        self._stopping.set()

    async def __aenter__(self) -> Self:
        await anyio.to_thread.run_sync(warm_up)
        await anyio.to_thread.run_sync(known_revisions)  # read once, for the health checks
        self._open.push_async_callback(self._engine.dispose)
        self._open.push_async_callback(self._trail.aclose)
        self._open.push_async_callback(self._observer.aclose)
        self._open.push_async_callback(self._broker.aclose)
        self._open.push_async_callback(self._buckets.aclose)
        self._open.callback(self._publisher.close)
        reporter = Reporter(self._figures.totals)
        reporter.start()
        self._open.push_async_callback(in_thread, reporter.stop)
        tracing.configure(self._settings, "api")
        self._open.push_async_callback(in_thread, tracing.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _check_database(self) -> str:
        async with self._sessions.read() as session:
            current = await session.run_sync(lambda read: current_revision(read.connection()))
        if lack := lacking(current):
            raise PartDownError(lack)
        return "answered"

    async def _check_broker(self) -> str:
        await self._broker.ping()
        return "answered"

    async def _check_workers(self) -> str:
        count = await count_workers(self._broker)
        if count == 0:
            raise PartDownError("no worker is alive; submitted jobs wait until one is")
        return "1 worker is alive" if count == 1 else f"{count} workers are alive"


def token_service(
    sessions: AsyncSessions,
    settings: Settings,
    passwords: Passwords,
    clock: Callable[[], float] = time.monotonic,
    former: FormerKeys | None = None,
) -> TokenService:
    """The sessions of users and their tokens, as the settings want them."""
    seconds = settings.access_token_seconds
    keys = SigningKeys(
        sessions,
        settings.secret,
        TokenAlgorithm(settings.token_algorithm),
        seconds,
        clock,
        settings.former_secrets,
    )
    return TokenService(
        sessions,
        settings.secret,
        AccessTokens(keys, seconds),
        passwords,
        session_days=settings.session_days,
        token_seconds=seconds,
        clock=clock,
        former=former,
    )


def request_limits(settings: Settings) -> TableLimits:
    """Limits of a table whose sender waits for the answer."""
    return TableLimits(
        max_rows=settings.detect_max_rows,
        max_columns=settings.detect_max_columns,
        max_cells=settings.detect_max_rows * _CELLS_PER_ROW,
        max_field_bytes=MAX_FIELD_BYTES,
        max_expanded_bytes=settings.detect_max_bytes * _EXPANSION,
    )
