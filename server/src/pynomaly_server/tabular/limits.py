"""How large a table may be."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.tabular.errors import TableTooLarge


@dataclass(frozen=True, slots=True)
class TableLimits:
    """Bounds that hold before anything large is built.

    `max_field_bytes` bounds one value as text, `max_expanded_bytes` what compressed or shared data expands
    to.
    """

    max_rows: int
    max_columns: int
    max_cells: int
    max_field_bytes: int
    max_expanded_bytes: int

    def check_columns(self, columns: int) -> None:
        """Raise `TableTooLarge` where there are too many columns."""
        if columns > self.max_columns:
            raise TableTooLarge("columns", columns, self.max_columns)

    def check_shape(self, rows: int, columns: int) -> None:
        """Raise `TableTooLarge` where there are too many rows, columns or cells."""
        self.check_columns(columns)
        if rows > self.max_rows:
            raise TableTooLarge("rows", rows, self.max_rows)
        if rows * columns > self.max_cells:
            raise TableTooLarge("cells (rows times columns)", rows * columns, self.max_cells)

    def check_expanded(self, size: int) -> None:
        """Raise `TableTooLarge` where data of this many bytes would come out of a smaller file."""
        if size > self.max_expanded_bytes:
            raise TableTooLarge("bytes once decoded", size, self.max_expanded_bytes)


UNLIMITED = TableLimits(
    max_rows=2**63, max_columns=2**31, max_cells=2**63, max_field_bytes=2**31, max_expanded_bytes=2**63
)
