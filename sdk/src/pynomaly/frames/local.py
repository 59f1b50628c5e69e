"""The caller's rows as they are on this machine, so that results can show them beside their scores."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

SEPARATORS = ",;\t|"


class LocalRows(Protocol):
    """Rows by position."""

    def label(self, position: int) -> Any:
        """The caller's own name for a row: its index label, or its position."""
        ...

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:
        """Values of a row by column; `names` name the columns of rows that have none. None where they are
        not known."""
        ...

    def frame(self) -> Any:
        """The caller's own frame, or None where the data are something else."""
        ...


class UnknownRows:
    """Rows that cannot be looked at from here."""

    def label(self, position: int) -> Any:
        """The position."""
        return position

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:  # noqa: ARG002
        """Nothing is known."""
        return None

    def frame(self) -> Any:
        """There is none."""
        return None


class SequenceRows(UnknownRows):
    """A list of rows, or anything that gives one row per position."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:
        """The row by column."""
        if not 0 <= position < len(self._rows):
            return None
        row = self._rows[position]
        if isinstance(row, Mapping):
            return {str(name): value for name, value in cast("Mapping[Any, Any]", row).items()}
        if hasattr(row, "__len__") and not isinstance(row, str):
            return dict(zip(names, row, strict=False))
        return dict(zip(names, [row], strict=False))


class FrameRows(UnknownRows):
    """A pandas or polars frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._is_pandas = hasattr(frame, "iloc")

    def label(self, position: int) -> Any:
        """The index label of pandas; polars has none."""
        return self._frame.index[position] if self._is_pandas else position

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:  # noqa: ARG002
        """The row by column."""
        if not 0 <= position < len(self._frame):
            return None
        if self._is_pandas:
            return {str(name): self._frame[name].iloc[position] for name in self._frame.columns}
        return self._frame.row(position, named=True)

    def frame(self) -> Any:
        """The frame itself."""
        return self._frame


class ArrowRows(UnknownRows):
    """An Arrow table."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:  # noqa: ARG002
        """The row by column."""
        rows = self._table.slice(position, 1).to_pylist()
        return rows[0] if rows else None


class CsvRows(UnknownRows):
    """A CSV file, read only when somebody asks for a row, and only believed while it has not changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self._rows: list[list[str]] | None = None
        self._names: list[str] = []

    def values(self, position: int, names: Sequence[str]) -> dict[str, Any] | None:  # noqa: ARG002
        """The row's texts by column."""
        if self._rows is None:
            self._rows = self._read()
        if not 0 <= position < len(self._rows) or len(self._rows[position]) != len(self._names):
            return None
        return dict(zip(self._names, self._rows[position], strict=True))

    def _read(self) -> list[list[str]]:
        try:
            if _stamp(self._path) != self._stamp:
                return []
            with self._path.open(newline="", encoding="utf-8-sig") as file:
                header = file.readline()
                file.seek(0)
                reader = csv.reader(file, delimiter=separator(header))
                self._names = next(reader, list[str]())
                rows = list(reader)
        except (OSError, UnicodeDecodeError, csv.Error):
            return []
        # Whether a blank line is a row depends on who reads it, so positions would be in doubt.
        return rows if all(rows) else []


def separator(text: str) -> str:
    """The separator of a CSV, as the server finds it: what its header holds most of, outside quotes."""
    header = text.partition("\n")[0]
    return max(SEPARATORS, key="".join(header.split('"')[::2]).count)


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size
