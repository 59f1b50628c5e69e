"""How large a stored table may be."""

from __future__ import annotations

from typing import Final

from pynomaly_server.settings import Settings
from pynomaly_server.tabular.limits import TableLimits

MAX_FIELD_BYTES: Final = 1024 * 1024
_CELLS_PER_ROW: Final = 100
_EXPANSION: Final = 20


def dataset_limits(settings: Settings) -> TableLimits:
    """Limits of a table that is read in batches, at upload and again in the job."""
    return TableLimits(
        max_rows=settings.job_max_rows,
        max_columns=settings.detect_max_columns,
        max_cells=settings.job_max_rows * _CELLS_PER_ROW,
        max_field_bytes=MAX_FIELD_BYTES,
        max_expanded_bytes=settings.dataset_max_bytes * _EXPANSION,
    )
