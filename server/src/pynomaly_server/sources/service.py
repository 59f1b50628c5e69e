"""Tells the data sources of a job apart, checks those that lie elsewhere, and fetches them for a worker."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeGuard

import msgspec

from pynomaly_server.contract.structs import PostgresqlSecrets, RemoteSource, S3Secrets
from pynomaly_server.credentials.kinds import POSTGRESQL, POSTGRESQL_PORTS, Secrets, kind_of
from pynomaly_server.credentials.vault import open_now
from pynomaly_server.outbound.guard import WEB_PORTS, Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.urls import ForbiddenTargetError, without_query
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.settings import Settings
from pynomaly_server.sources.buckets import gcs_download, parse_object, s3_download
from pynomaly_server.sources.fetching import Allotment, Fetched
from pynomaly_server.sources.https import Download, download_of, fetch
from pynomaly_server.sources.postgresql import Reading, read, reading_of
from pynomaly_server.threads import in_thread

_DATASET_ID: Final = re.compile(r"dts_[0-9a-f]{32}")
_UPLOAD: Final = (
    "Upload the data with uploadDataset (POST /api/v1/datasets) and name the dataset_id it answers; "
    "the SDK does both when given a path."
)
_STORED: Final[Mapping[str, str]] = {"s3": "s3", "gs": "gcs", "postgresql": "postgresql"}
"""The kind of credential that each scheme needs."""

Plan = Download | Reading
"""What is to be done to take a source into a file."""


def is_dataset(source: str | RemoteSource) -> TypeGuard[str]:
    """Whether a data source is the id of an uploaded dataset."""
    return isinstance(source, str) and _DATASET_ID.fullmatch(source) is not None


def credentials_of(sources: Iterable[str | RemoteSource]) -> list[str]:
    """Ids of the stored credentials that sources name."""
    return [source.credential_id for source in sources if isinstance(source, RemoteSource)]


class SourceService:
    """What the API and the workers need of sources that lie elsewhere."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = Guard(Allowances.parse(settings.outbound_allow))

    async def check(
        self, sources: Mapping[int, str | RemoteSource], secrets: Mapping[str, Secrets]
    ) -> dict[int, dict[str, Any]]:
        """Refuse what no worker would fetch; the others as a job keeps them.

        Keys are places in `data_sources`; `secrets` are by the id of their credential.

        Raises:
            ProblemError: `forbidden-source`, naming every source that is refused and why, or `validation`.
        """
        _check_shapes(sources)
        outcomes = await asyncio.gather(*(self._check(source, secrets) for source in sources.values()))
        faults = [
            Fault(f"/data_sources/{position}", outcome)
            for position, outcome in zip(sources, outcomes, strict=True)
            if outcome is not None
        ]
        if faults:
            raise ProblemError("forbidden-source", " ".join(fault.detail for fault in faults), faults)
        return {
            position: {"url": source} if isinstance(source, str) else msgspec.to_builtins(source)
            for position, source in sources.items()
        }

    async def _check(self, source: str | RemoteSource, secrets: Mapping[str, Secrets]) -> str | None:
        """Why a source is refused, None where it is not."""
        try:
            if isinstance(source, str):
                plan: Plan = _open_plan(source)
            else:
                # Google's requests are signed by RSA, which takes some milliseconds for each source.
                plan = await in_thread(_credential_plan, source, secrets[source.credential_id])
            ports = POSTGRESQL_PORTS if isinstance(plan, Reading) else WEB_PORTS
            await self._guard.addresses_async(plan.target, ports)
        except ForbiddenTargetError as error:
            return str(error)
        return None

    def fetch(
        self, source: dict[str, Any], tenant_id: str, folder: Path, look_up: Callable[[], None]
    ) -> Fetched:
        """Take a source that passed `check` into a file in `folder`; `look_up` is called about every second.

        Raises:
            ProblemError: `forbidden-source`, `source-unavailable`, `payload-too-large` or `bad-dataset`;
            `not-found` or `credential-unreadable` for its credential.
        """
        settings = self._settings
        allotment = Allotment(settings.dataset_max_bytes, settings.source_seconds, look_up)
        try:
            if "credential_id" in source:
                remote = msgspec.convert(source, RemoteSource)
                secrets = open_now(settings, tenant_id, remote.credential_id)
                plan: Plan = _credential_plan(remote, secrets)
            else:
                plan = _open_plan(str(source["url"]))
        except ForbiddenTargetError as error:
            raise ProblemError("forbidden-source", str(error)) from None
        if isinstance(plan, Reading):
            return read(plan, folder, self._guard, allotment, settings.source_seconds)
        return fetch(plan, folder, self._guard, allotment)


def _check_shapes(sources: Mapping[int, str | RemoteSource]) -> None:
    """Raises `ProblemError` `validation` where a table or query is missing, or named and not wanted."""
    faults = []
    for position, source in sources.items():
        if not isinstance(source, RemoteSource):
            continue
        given = sum(bool(each) for each in (source.table, source.query))
        wanted = 1 if _scheme(source.url) == POSTGRESQL else 0
        if given != wanted:
            detail = (
                "is in a database and needs either a table or a query"
                if wanted
                else "is in no database and has neither a table nor a query; leave them out"
            )
            faults.append(Fault(f"/data_sources/{position}", detail))
    if faults:
        raise invalid(faults)


def _open_plan(url: str) -> Download:
    scheme = _scheme(url)
    if scheme in _STORED:
        raise ForbiddenTargetError(
            f"{without_query(url)} names no credential to read it with. Store one with createCredential and "
            "write the source as an object of url and credential_id."
        )
    if scheme not in {"https", "http"}:
        raise ForbiddenTargetError(
            f"{without_query(url)} is neither a dataset id nor an https:// URL. {_UPLOAD}"
        )
    return download_of(url)


def _credential_plan(source: RemoteSource, secrets: Secrets) -> Plan:
    needed = _STORED.get(_scheme(source.url))
    if needed is None:
        raise ForbiddenTargetError(
            f"{without_query(source.url)} is no source that is read with a credential; those are of "
            f"{', '.join(f'{scheme}://' for scheme in _STORED)}. Write other URLs, and ids, as text."
        )
    if kind_of(secrets) != needed:
        raise ForbiddenTargetError(
            f"{without_query(source.url)} is read with a credential of the kind {needed}, and "
            f"{source.credential_id} is of the kind {kind_of(secrets)}. Name another."
        )
    if isinstance(secrets, PostgresqlSecrets):
        return reading_of(source, secrets)
    wanted = parse_object(source.url)
    if isinstance(secrets, S3Secrets):
        return s3_download(wanted, secrets, datetime.now(UTC))
    return gcs_download(wanted, secrets, datetime.now(UTC))


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()
