"""Tells the data sources of a job apart, checks those that lie elsewhere, and fetches them for a worker."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.urls import ForbiddenTargetError, parse_target, without_query
from pynomaly_server.problems import Fault, ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.sources.fetching import Allotment, Fetched
from pynomaly_server.sources.https import fetch_https

_DATASET_ID: Final = re.compile(r"dts_[0-9a-f]{32}")
_UPLOAD: Final = (
    "Upload the data with uploadDataset (POST /api/v1/datasets) and name the dataset_id it answers; "
    "the SDK does both when given a path."
)


def is_dataset(source: str) -> bool:
    """Whether a data source is the id of an uploaded dataset."""
    return _DATASET_ID.fullmatch(source) is not None


class SourceService:
    """What the API and the workers need of sources that lie elsewhere."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = Guard(Allowances.parse(settings.outbound_allow))

    async def check(self, sources: Mapping[int, str]) -> dict[int, dict[str, Any]]:
        """Refuse what no worker would fetch; the others as a job keeps them.

        Keys are places in `data_sources`.

        Raises:
            ProblemError: `forbidden-source`, naming every source that is refused and why.
        """
        outcomes = await asyncio.gather(*(self._check(source) for source in sources.values()))
        faults = [
            Fault(f"/data_sources/{position}", outcome)
            for position, outcome in zip(sources, outcomes, strict=True)
            if outcome is not None
        ]
        if faults:
            raise ProblemError("forbidden-source", " ".join(fault.detail for fault in faults), faults)
        return {position: {"url": source} for position, source in sources.items()}

    async def _check(self, source: str) -> str | None:
        """Why a source is refused, None where it is not."""
        scheme = source.partition("://")[0].lower()
        if scheme not in {"https", "http"}:
            return f"{without_query(source)} is neither a dataset id nor an https:// URL. {_UPLOAD}"
        try:
            await self._guard.addresses_async(parse_target(source))
        except ForbiddenTargetError as error:
            return str(error)
        return None

    def fetch(self, source: dict[str, Any], folder: Path, look_up: Callable[[], None]) -> Fetched:
        """Take a source that passed `check` into a file in `folder`; `look_up` is called about every second.

        Raises:
            ProblemError: `forbidden-source`, `source-unavailable`, `payload-too-large` or `bad-dataset`.
        """
        settings = self._settings
        allotment = Allotment(settings.dataset_max_bytes, settings.source_seconds, look_up)
        return fetch_https(str(source["url"]), folder, self._guard, allotment)
