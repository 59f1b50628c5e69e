"""Counts what was scored, behind the requests: in batches, in a thread, into the database every two seconds.

A request hands in its rows and goes on. What was handed in and not yet stored when a process is killed, that
of the last seconds, is not in the figures; a process that stops in order stores it first. A commit whose
answer is lost may count its seconds twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

import numpy as np
import polars as pl
import structlog

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.models.drift.cells import Baseline
from pynomaly_server.models.drift.repository import ObservationRepository, this_hour
from pynomaly_server.models.drift.sketch import Sketch
from pynomaly_server.models.repository import KeptVersion
from pynomaly_server.models.rows import scored_rows
from pynomaly_server.outages import Outage
from pynomaly_server.tabular.frames import concatenated
from pynomaly_server.tabular.number_rows import NumberRows, Rows
from pynomaly_server.threads import in_thread

FLUSH_SECONDS: Final = 2.0
MOST_CELLS: Final = 2_000_000
"""Cells of tables that wait to be counted or to be scored by a shadow; rows beyond are counted as skipped."""
_BASELINES: Final = 100
_log = structlog.get_logger("pynomaly.models")

Load = Callable[[KeptVersion], Awaitable[FittedPipeline]]
Key = tuple[str, str, int]
T = TypeVar("T")


@dataclass(slots=True)
class _Seen:
    """What one version has scored, or is to score as a shadow, since the last time."""

    kept: KeptVersion
    scored: list[tuple[Rows, Scored]] = field(default_factory=list)
    mirrored: list[Rows] = field(default_factory=list)
    n_errors: int = 0
    n_skipped: int = 0


class Observer:
    """What a process remembers of the rows that its models score; for the event loop alone.

    `load` gives the model of a version.
    """

    def __init__(self, sessions: AsyncSessions, load: Load, most_cells: int = MOST_CELLS) -> None:
        self._sessions = sessions
        self._load = load
        self._most_cells = most_cells
        self._seen: dict[Key, _Seen] = {}
        self._cells = 0
        self._baselines: dict[Key, Baseline | None] = {}
        self._unsaved: dict[tuple[Key, datetime], Sketch] = {}
        self._lock = asyncio.Lock()
        self._closing = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._outage = Outage(
            _log, "what models score cannot be stored yet", "what models score is stored again"
        )

    def scored(self, tenant_id: str, kept: KeptVersion, rows: Rows, scored: Scored) -> None:
        """Have rows counted that a version has scored."""
        seen = self._of(tenant_id, kept)
        if self._has_room(rows):
            seen.scored.append((rows, scored))
        else:
            seen.n_skipped += rows.height

    def mirrored(self, tenant_id: str, kept: KeptVersion, rows: Rows) -> None:
        """Have rows scored and counted for a version that is a shadow."""
        seen = self._of(tenant_id, kept)
        if self._has_room(rows):
            seen.mirrored.append(rows)
        else:
            seen.n_skipped += rows.height

    def failed(self, tenant_id: str, kept: KeptVersion) -> None:
        """Have a prediction counted that a version could not make, through no fault of the rows."""
        self._of(tenant_id, kept).n_errors += 1

    async def flush(self) -> None:
        """Count and store all that was handed in; what cannot be stored is kept for the next time."""
        async with self._lock:
            taken, self._seen, self._cells = self._seen, {}, 0
            hour = this_hour()
            for key, seen in taken.items():
                sketch = await self._sketch(key, seen)
                at = key, hour
                self._unsaved[at] = self._unsaved.get(at, Sketch()) + sketch
            # One order everywhere, so that no two processes wait for each other.
            for at in sorted(self._unsaved):
                await self._store(*at, self._unsaved[at])
                del self._unsaved[at]

    async def aclose(self) -> None:
        """Store what is left."""
        self._closing.set()
        if self._writer is not None:
            await asyncio.wait([self._writer])
        try:
            await self.flush()
        except Exception:  # noqa: BLE001 - the process ends, with or without its last seconds
            _log.warning("what models have scored could not be stored", exc_info=True)

    def _of(self, tenant_id: str, kept: KeptVersion) -> _Seen:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())
        key = tenant_id, kept.model_id, kept.version
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = _Seen(kept)
        return seen

    def _has_room(self, rows: Rows) -> bool:
        cells = rows.height * rows.width
        if self._cells + cells > self._most_cells:
            return False
        self._cells += cells
        return True

    async def _write(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - the database is away; the next time stores it
                self._outage.failed(error)
            else:
                self._outage.succeeded()
            if self._closing.is_set() or not (self._seen or self._unsaved):
                self._writer = None
                return

    async def _sketch(self, key: Key, seen: _Seen) -> Sketch:
        sketch = Sketch(n_errors=seen.n_errors, n_skipped=seen.n_skipped)
        if not seen.scored and not seen.mirrored:
            return sketch
        rows = sum(each.height for each, _ in seen.scored) + sum(each.height for each in seen.mirrored)
        try:
            baseline, pipeline = await self._baseline(key), await self._load(seen.kept)
        except Exception:  # noqa: BLE001 - a version that was deleted meanwhile, or a part that is away
            _log.warning(
                "rows are not counted", model=seen.kept.name, version=seen.kept.version, exc_info=True
            )
            return sketch + Sketch(n_skipped=rows)
        return sketch + await in_thread(_counted, seen, baseline, pipeline)

    async def _baseline(self, key: Key) -> Baseline | None:
        if key not in self._baselines:
            tenant_id, model_id, version = key
            async with self._sessions.read() as session:
                found = await ObservationRepository(session, tenant_id).baseline(model_id, version)
            if len(self._baselines) >= _BASELINES:
                del self._baselines[next(iter(self._baselines))]
            self._baselines[key] = found
        return self._baselines[key]

    async def _store(self, key: Key, hour: datetime, sketch: Sketch) -> None:
        tenant_id, model_id, version = key
        async with self._sessions.write() as session:
            await ObservationRepository(session, tenant_id).add(model_id, version, hour, sketch)
            await session.commit()


def _counted(seen: _Seen, baseline: Baseline | None, pipeline: FittedPipeline) -> Sketch:
    """The sketch of all that waits for one version; for a thread."""
    sketch = Sketch()
    for same in _alike(seen.scored, lambda each: each[0]):
        parts = [scored for _, scored in same]
        scored = Scored(
            np.concatenate([each.raw for each in parts]),
            np.concatenate([each.scores for each in parts]),
            np.concatenate([each.predictions for each in parts]),
        )
        sketch += Sketch.of(baseline, pipeline, _together([rows for rows, _ in same]), scored)
    for alike in _alike(seen.mirrored, lambda each: each):
        frame = _together(alike)
        try:
            scored = scored_rows(frame, pipeline, seen.kept.label_column)
        except Exception:  # noqa: BLE001 - rows that fit the alias' version may not fit its shadow
            sketch += Sketch(n_errors=len(alike), n_skipped=frame.height)
        else:
            sketch += Sketch.of(baseline, pipeline, frame, scored)
    return sketch


def _alike(each: Iterable[T], rows_of: Callable[[T], Rows]) -> Iterable[list[T]]:
    """Those together whose tables can be one: many small requests are counted at once."""
    groups: dict[tuple[object, ...], list[T]] = {}
    for one in each:
        groups.setdefault(_form(rows_of(one)), []).append(one)
    return groups.values()


def _form(rows: Rows) -> tuple[object, ...]:
    return tuple(rows.names if isinstance(rows, NumberRows) else rows.schema.items())


def _together(alike: Sequence[Rows]) -> pl.DataFrame:
    """One frame of tables of one form."""
    numbers = [rows for rows in alike if isinstance(rows, NumberRows)]
    if numbers:
        return NumberRows(numbers[0].names, np.concatenate([rows.matrix for rows in numbers])).frame()
    return concatenated([rows for rows in alike if not isinstance(rows, NumberRows)])
