"""Results row by row, and tables of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, overload

from pynomaly.rendering import cell, html_table, terminal_width, text_table

if TYPE_CHECKING:
    from pynomaly._generated.models import Contribution, SeriesPoint

_SHOWN_ROWS = 50
_SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of one row; it answers to attributes and to keys.

    Attributes:
        row: Position in the data, from 0.
        index: The caller's own name for the row: the pandas index label, else the position.
        score: In [0, 1]; 0.5 and more is an anomaly.
        prediction: 1 for an anomaly, 0 for a normal row.
        confidence: Probability in [0, 1] that the prediction would stay the same under a refit, where it was
            asked for.
        explanation: Features by contribution, largest first, where the row was explained.
        series: The value the method expects of the row as a point of a time series and the bounds it allows,
            where it has them.
        identifiers: Values of the identifier columns.
        values: The row's values by column where they are known on this machine.
    """

    row: int
    index: Any
    score: float
    prediction: int
    confidence: float | None = None
    explanation: Sequence[Contribution] | None = None
    series: SeriesPoint | None = None
    identifiers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    values: Mapping[str, Any] | None = None

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(f"a row has no {key!r}; it has {', '.join(self.keys())}")
        return getattr(self, key)

    def keys(self) -> list[str]:
        """Names that `row[...]` answers to; makes `dict(row)` work."""
        return [each.name for each in fields(self)]

    def reasons(self, most: int = _SHOWN_REASONS) -> str:
        """The largest contributions in words, such as `amount 82%, country 11%`; empty where the row was not
        explained."""
        return ", ".join(
            f"{cell(each.feature)} {each.contribution:.0%}" for each in (self.explanation or [])[:most]
        )


class RowTable(Sequence[RowResult]):
    """Rows that print as a table.

    Args:
        rows: The rows in the order to show.
        title: What they are, for the line above the table.
    """

    def __init__(self, rows: Sequence[RowResult], title: str) -> None:
        self._rows = rows
        self._title = title

    @overload
    def __getitem__(self, index: int) -> RowResult: ...
    @overload
    def __getitem__(self, index: slice) -> RowTable: ...
    def __getitem__(self, index: int | slice) -> RowResult | RowTable:
        if isinstance(index, slice):
            return RowTable(self._rows[index], self._title)
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[RowResult]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if not self._rows:
            return f"{self._title}: none"
        headers, rows, fixed = self._layout()
        table = text_table(headers, rows, width=terminal_width(), keep=fixed)
        return f"{self._title}\n{table}{self._left_out()}"

    def to_html(self, most: int | None = _SHOWN_ROWS) -> str:
        """Return the table as HTML with the anomalous rows highlighted.

        Args:
            most: Rows to show; all of them where None.
        """
        headers, rows, _ = self._layout(most)
        marked = {place for place, row in enumerate(self._rows[:most]) if row.prediction}
        return html_table(self._title, headers, rows, marked)

    def _repr_html_(self) -> str:
        return self.to_html()

    def _left_out(self) -> str:
        hidden = len(self._rows) - _SHOWN_ROWS
        return f"\n({hidden} more rows)" if hidden > 0 else ""

    def _layout(self, most: int | None = _SHOWN_ROWS) -> tuple[list[str], list[list[Any]], int]:
        """Headers and cells; the identifiers come first, because they are what people know a row by."""
        shown = self._rows[:most]
        explained = any(row.explanation for row in shown)
        confident = any(row.confidence is not None for row in shown)
        names = list(dict.fromkeys(name for row in shown for name in row.identifiers))
        others = list(dict.fromkeys(name for row in shown for name in row.values or {} if name not in names))
        headers = ["row", "score", *(["confidence"] if confident else []), *(["why"] if explained else [])]
        fixed = len(headers)
        rows: list[list[Any]] = []
        for row in shown:
            known = row.values or {}
            rows.append(
                [
                    row.index,
                    round(row.score, 4),
                    *([row.confidence] if confident else []),
                    *([row.reasons()] if explained else []),
                    *(row.identifiers.get(name) for name in names),
                    *(known.get(name) for name in others),
                ]
            )
        return [*headers, *names, *others], rows, fixed
