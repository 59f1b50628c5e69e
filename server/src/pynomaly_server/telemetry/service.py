"""What is asked anew each time that Prometheus reads the figures, beside what was counted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import redis
import structlog
from cryptography import x509
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server import __version__
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.service import AuthService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.models.drift.service import DriftScores
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.system.health import HealthService
from pynomaly_server.telemetry.exposition import as_text
from pynomaly_server.telemetry.figures import CELLS, MISSING_CELLS
from pynomaly_server.telemetry.meters import SEPARATOR, Family, Series, families_of
from pynomaly_server.telemetry.repository import FiguresRepository
from pynomaly_server.telemetry.totals import Totals
from pynomaly_server.threads import in_thread
from pynomaly_server.worker.broker import connect, queue_name

_ASK_SECONDS: Final = 5.0
MOST_MODELS: Final = 100
"""Versions that have a drift of their own: those with the largest."""
_log = structlog.get_logger("pynomaly.telemetry")

GAUGES: Final[Mapping[str, str]] = {
    "pynomaly_active_models": "Models that have a version to score with.",
    "pynomaly_broker_messages": "Messages in the broker that no worker has taken yet.",
    "pynomaly_build_info": "Always 1; version is that of the process that answered.",
    "pynomaly_certificate_expires_timestamp_seconds": "When a certificate ends, as a Unix time.",
    "pynomaly_data_quality_score": "Share of cells that held something, in the last 10 to 15 minutes.",
    "pynomaly_disk_free_bytes": "Free bytes where the data folder is, on the machine that answered.",
    "pynomaly_disk_size_bytes": "All bytes where the data folder is, on the machine that answered.",
    "pynomaly_model_drift_score": "Largest population stability index of a version's columns, in 24 hours.",
    "pynomaly_oldest_job_age_seconds": "Time since the submission of the oldest job that has not ended.",
    "pynomaly_part_up": "1 where a part of the server answers, else 0.",
    "pynomaly_queue_depth": "Jobs that have not ended, by queue and state.",
    "pynomaly_tenant_dataset_bytes": "Bytes of the datasets of a tenant, of the 20 that have the most.",
    "pynomaly_tenant_unfinished_jobs": "Jobs of a tenant that have not ended, of the 20 that have the most.",
    "pynomaly_tenants": "Tenants that are not disabled.",
    "pynomaly_webhook_deliveries_waiting": "Messages for webhooks that may still arrive.",
}
"""Every figure that is asked for and not counted, with its help."""


@dataclass(frozen=True, slots=True)
class _FromBroker:
    totals: dict[str, int]
    recent: dict[str, int]
    messages: dict[str, int]


class FiguresService:
    """Reads the figures of the whole server for its operator.

    What a part that is away would have said is left out, so that no figure is wrong and no counter goes
    back; `pynomaly_part_up` says which part it is.
    """

    def __init__(
        self, sessions: AsyncSessions, auth: AuthService, health: HealthService, settings: Settings
    ) -> None:
        self._sessions = sessions
        self._auth = auth
        self._health = health
        self._settings = settings
        self._client: redis.Redis = connect(settings.broker_url)
        self._totals = Totals(self._client)
        self._operators: str | None = None
        self._drift = DriftScores(sessions)

    @property
    def totals(self) -> Totals:
        """Where this process adds what it counts."""
        return self._totals

    async def text(self, principal: Principal) -> str:
        """The figures as Prometheus reads them.

        Raises:
            ProblemError: `forbidden`, where the caller is of another tenant than the operator's: the figures
                are about all tenants.
        """
        if self._operators is None:
            self._operators = await self._auth.default_tenant()
        if principal.tenant_id != self._operators:
            raise ProblemError(
                "forbidden",
                "The figures are about all tenants, and read by the tenant 'default' alone. "
                "Ask the operator of the server for them.",
            )
        counted, (of_broker, of_database) = [], await asyncio.gather(self._of_broker(), self._of_database())
        health = await self._health.health()
        series = [*of_database, *_of_machine(self._settings)]
        series += [_of("pynomaly_part_up", check.status == "ok", part=check.name) for check in health.checks]
        if of_broker is not None:
            counted = families_of(of_broker.totals)
            series += _quality(of_broker.recent)
            series += [
                _of("pynomaly_broker_messages", count, queue=queue)
                for queue, count in of_broker.messages.items()
            ]
        return as_text(sorted([*counted, *_gauges(series)], key=lambda family: family.name))

    async def _of_broker(self) -> _FromBroker | None:
        def ask() -> _FromBroker:
            self._totals.add()
            messages = {str(queue): int(self._client.llen(queue_name(queue))) for queue in JobQueue}
            return _FromBroker(self._totals.read(), self._totals.recent(), messages)

        try:
            return await in_thread(ask)
        except redis.RedisError as error:
            _log.warning("the broker's figures are left out", error=str(error))
            return None

    async def _of_database(self) -> list[Series]:
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                async with self._sessions.read() as session:
                    series = await _series_of(FiguresRepository(session))
                return [*series, *await self._of_models()]
        except (SQLAlchemyError, OSError) as error:  # a timeout is an OSError
            _log.warning("the database's figures are left out", error=f"{type(error).__name__}: {error}")
            return []

    async def _of_models(self) -> list[Series]:
        return [
            _of(
                "pynomaly_model_drift_score",
                score.psi,
                tenant=score.tenant_id,
                model=score.model,
                version=str(score.version),
            )
            for score in (await self._drift.newest())[:MOST_MODELS]
        ]


async def _series_of(repository: FiguresRepository) -> list[Series]:
    unfinished = {(jobs.queue, jobs.state): jobs for jobs in await repository.unfinished_jobs()}
    series = [
        _of("pynomaly_active_models", await repository.models()),
        _of("pynomaly_tenants", await repository.tenants()),
        _of("pynomaly_webhook_deliveries_waiting", await repository.webhooks_waiting()),
    ]
    for queue in JobQueue:
        for state in ("queued", "running"):
            jobs = unfinished.get((queue, state))
            labels = {"queue": str(queue), "state": state}
            series.append(_of("pynomaly_queue_depth", jobs.count if jobs else 0, **labels))
            series.append(
                _of("pynomaly_oldest_job_age_seconds", jobs.oldest_seconds if jobs else 0, **labels)
            )
    of_tenants = {
        "pynomaly_tenant_unfinished_jobs": await repository.jobs_of_tenants(),
        "pynomaly_tenant_dataset_bytes": await repository.dataset_bytes_of_tenants(),
    }
    series += [
        _of(name, amount, tenant=tenant)
        for name, amounts in of_tenants.items()
        for tenant, amount in amounts.items()
    ]
    return series


def _quality(recent: Mapping[str, int]) -> list[Series]:
    """The share of cells that held something, by kind of data; none where there were no cells."""
    series = []
    for field, cells in sorted(recent.items()):
        name, _, dataset = field.partition(SEPARATOR)
        if name == CELLS.name and cells > 0:
            missing = recent.get(SEPARATOR.join((MISSING_CELLS.name, dataset)), 0)
            series.append(_of("pynomaly_data_quality_score", 1 - missing / cells, dataset=dataset))
    return series


def _of_machine(settings: Settings) -> list[Series]:
    series = [_of("pynomaly_build_info", 1, version=__version__)]
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    usage = shutil.disk_usage(folder)
    series.append(_of("pynomaly_disk_free_bytes", usage.free))
    series.append(_of("pynomaly_disk_size_bytes", usage.total))
    return series + certificates(settings)


def certificates(settings: Settings) -> list[Series]:
    """When the certificates end that callers meet: the API's own, and that of a proxy before it.

    That of a proxy ends in 1970 where its file cannot be read, so that somebody hears of it.
    """
    name, series = "pynomaly_certificate_expires_timestamp_seconds", []
    ends = certificate_end(settings.tls_cert)
    if ends is not None:
        series.append(_of(name, ends.timestamp(), shown_by="api"))
    if settings.proxy_cert is not None:
        ends = certificate_end(settings.proxy_cert)
        series.append(_of(name, 0 if ends is None else ends.timestamp(), shown_by="proxy"))
    return series


def certificate_end(path: Path | None) -> datetime | None:
    """When the certificate in a PEM file ends; None where there is no file, or none can be read in it."""
    if path is None:
        return None
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.astimezone(UTC)
    except (OSError, ValueError):
        return None


def _of(name: str, value: float, **labels: str) -> Series:
    return Series(name, labels, float(value))


def _gauges(series: Iterable[Series]) -> Sequence[Family]:
    of_name: dict[str, list[Series]] = {name: [] for name in GAUGES}
    for each in series:
        of_name[each.name].append(each)
    return [Family(name, "gauge", GAUGES[name], found) for name, found in of_name.items()]
