"""Detects anomalies in the rows of one request."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import anyio.from_thread

from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import DetectionRequest, DetectionResult
from pynomaly_server.detection.answer import answer
from pynomaly_server.detection.effort import check_effort
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.fitting import ENSEMBLE, check_switch, fit, leaves_types_open
from pynomaly_server.detection.report import columns_of, warnings_of
from pynomaly_server.detection.workload import EFFORT, Workload
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.features import Features
from pynomaly_server.tabular.number_rows import Rows, count_cells, plain_rows
from pynomaly_server.tabular.reading import TableLimits, frame_from_rows, read_rows
from pynomaly_server.telemetry.figures import IN_REQUEST, note_cells, note_found

BATCH_REMEDY: Final = (
    "Upload the data with uploadDataset (POST /api/v1/datasets) and submit it with batchDetect "
    "(POST /api/v1/batch)."
)


BYTES_OF_A_CELL: Final = 4
"""Of a cell in a file, about; whether work counts as large is known before the file is read."""

ChargeRows = Callable[[int], Coroutine[Any, Any, None]]
"""Asks for as many rows; raises `ProblemError` where the caller may not have them now."""

RequestOptions = DetectionRequest | DetectAnomaliesQuery


class DetectionService:
    """`limits` bound a table that is worked on while its caller waits, `most_seconds` the work in it."""

    def __init__(
        self,
        workload: Workload,
        limits: TableLimits,
        most_seconds: float,
        features: Features | None = None,
    ) -> None:
        self._features = features or Features()
        self._workload = workload
        self._limits = limits
        self._most_seconds = most_seconds

    async def detect_rows(self, request: DetectionRequest, charge: ChargeRows) -> DetectionResult:
        """Detect in decoded JSON rows, after `charge` has taken their number.

        Raises:
            ProblemError: `bad-dataset`, `too-few-rows`, `validation`, `payload-too-large` or
                `switched-off`, or what `charge` raises.
        """
        await charge(len(request.data))
        return await self._detect(lambda: self._read(request), request, count_cells(request.data))

    async def detect_table(
        self, data: bytes, media_type: str, options: RequestOptions, charge: ChargeRows
    ) -> DetectionResult:
        """Detect in a table of another media type; raises as `detect_rows` does."""

        def read() -> Rows:
            rows = read_rows(data, media_type, self._limits)
            anyio.from_thread.run(charge, rows.height)
            return rows

        return await self._detect(read, options, len(data) // BYTES_OF_A_CELL)

    def _read(self, request: DetectionRequest) -> Rows:
        found = None
        if leaves_types_open(request):
            found = plain_rows(request.data, request.column_names, self._limits)
        return found or frame_from_rows(request.data, request.column_names, self._limits)

    async def _detect(self, read: Callable[[], Rows], options: RequestOptions, cells: int) -> DetectionResult:
        with as_problems(BATCH_REMEDY):
            check_switch(options, self._features)

        def work() -> DetectionResult:
            with as_problems(BATCH_REMEDY):
                return _detect(read, options, self._most_seconds)

        found = await self._workload.run(work, cells * _effort_of_a_cell(options))
        note_found(found, IN_REQUEST, "detect")
        note_cells(found.columns, found.n_rows, IN_REQUEST)
        return found


def _effort_of_a_cell(options: RequestOptions) -> int:
    try:
        spec = registry.get(ENSEMBLE if options.ensemble_methods else options.algorithm)
    except DetectorError:
        return 0  # which is refused at once
    window = options.windows.length if options.windows is not None else 1
    return EFFORT[spec.cost] * window


def _detect(read: Callable[[], Rows], options: RequestOptions, most_seconds: float) -> DetectionResult:
    started = time.perf_counter()
    rows = read()
    check_effort(options, rows.height, rows.width, most_seconds, BATCH_REMEDY)
    pipeline = fit(rows, options)
    return answer(
        pipeline,
        rows,
        pipeline.training,
        options,
        columns=columns_of(pipeline),
        warnings=warnings_of(pipeline),
        started=started,
    )
