"""Tables from Parquet, row group by row group."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import finished, rebatched
from pynomaly_server.tabular.parquet_footer import ParquetFooter, read_footer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pynomaly_server.tabular.limits import TableLimits

# A larger row group is decoded in parts, at the price of reading its pages more than once.
_PART_BYTES: Final = 64 * 2**20


@dataclass
class ParquetTable:
    """A Parquet file whose metadata is checked and whose pages are not yet decoded."""

    names: list[str]
    n_rows: int
    _source: bytes | Path
    _footer: ParquetFooter
    _limits: TableLimits

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order."""
        return rebatched(self._frames(), rows_per_batch)

    def _frames(self) -> Iterator[pl.DataFrame]:
        first_row = 0
        for group in self._footer.groups:
            parts = -(-group.expanded_bytes // _PART_BYTES) or 1
            step = -(-group.rows // parts) or 1
            for start in range(first_row, first_row + group.rows, step):
                rows = min(step, first_row + group.rows - start)
                yield finished(self._decoded(start, rows), self._limits, start)
            first_row += group.rows

    def _decoded(self, start: int, rows: int) -> pl.DataFrame:
        # Bytes are shared with the buffer, and a file is read by its path: neither is copied whole.
        source = io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source
        try:
            frame = pl.scan_parquet(source, glob=False).slice(start, rows).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
            raise BadTable(
                "The Parquet file is damaged: its pages cannot be decoded. Write it again."
            ) from None
        if frame.columns != self.names or frame.height != rows:
            raise BadTable("The Parquet file is damaged: it holds other rows than it says. Write it again.")
        return frame


def open_parquet(data: memoryview, source: bytes | Path, limits: TableLimits) -> ParquetTable:
    """Check the metadata of a Parquet file; `data` is a view of all of `source`.

    Raises:
        BadTable: it is no Parquet file, is damaged, or has nested columns.
        TableTooLarge: it is over a limit, decoded sizes included.
    """
    footer = read_footer(data, limits)
    return ParquetTable(footer.names, footer.n_rows, source, footer, limits)
