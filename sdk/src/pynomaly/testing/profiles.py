"""What columns hold, as the contract profiles them, with the standard library.

Figures are exact: the tables of tests are small.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynomaly.local import LocalColumn, fit_locally, plain_cell, quantile

_BINS = 20
_TOP = 10


def profile_of(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The profile of a table but for the id of its dataset."""
    read = column_profiles(columns)
    n_rows = max(map(len, columns.values()), default=0)
    rows = Counter(zip(*([_key(value) for value in values] for values in columns.values()), strict=True))
    repeated = n_rows - len(rows)
    return {
        "n_rows": n_rows,
        "n_columns": len(columns),
        "columns": read,
        "duplicate_rows": {"count": repeated, "share": repeated / n_rows, "approximate": False},
        "warnings": [_warning(column) for column in read if column["constant"] or not column["distinct"]],
    }


def column_profiles(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """What each column holds."""
    return [
        _profile(column, [plain_cell(value) for value in columns[column.name]])
        for column in fit_locally(columns).columns
    ]


def _profile(column: LocalColumn, cells: Sequence[Any]) -> dict[str, Any]:
    present = [cell for cell in cells if cell is not None]
    is_numeric = column.type == "numeric"
    values: list[Any] = [float(cell) for cell in present] if is_numeric else present
    counts = Counter(values)
    return {
        "name": column.name,
        "type": column.type,
        "missing": column.missing,
        "missing_share": column.missing / len(cells),
        "distinct": len(counts),
        "distinct_approximate": False,
        "constant": len(counts) == 1,
        "identifier": column.type == "identifier",
        "numeric": _numbers(values) if is_numeric and values else None,
        "datetime": None,
        "top_values": [{"value": value, "count": count} for value, count in counts.most_common(_TOP)]
        if column.type in ("categorical", "boolean")
        else None,
    }


def _numbers(values: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    # A range that no float holds, as a single value, is one bin.
    bins = _BINS if 0.0 < high - low < math.inf else 1
    counts = [0] * bins
    for value in ordered if bins > 1 else ():
        counts[min(int((value - low) / (high - low) * bins), bins - 1)] += 1
    return {
        "min": low,
        "max": high,
        "mean": _unless_too_large(lambda: math.fsum(values) / len(values)),
        "std": _unless_too_large(lambda: statistics.stdev(values)) if len(values) > 1 else None,
        "q1": quantile(ordered, 0.25),
        "median": quantile(ordered, 0.5),
        "q3": quantile(ordered, 0.75),
        "quartiles_approximate": False,
        "zeros": sum(value == 0.0 for value in values),
        "histogram": {
            "edges": [*(low + (high - low) * place / bins for place in range(bins)), high]
            if bins > 1
            else [low, high],
            "counts": counts if bins > 1 else [len(values)],
        },
    }


def _unless_too_large(figure: Callable[[], float]) -> float | None:
    try:
        return figure()
    except OverflowError:
        return None


def _warning(column: Mapping[str, Any]) -> dict[str, Any]:
    code, what = (
        ("constant-column", "one value alone") if column["constant"] else ("empty-column", "no values")
    )
    return {"code": code, "detail": f"Column {column['name']!r} has {what}.", "column": column["name"]}


def _key(value: Any) -> Any:
    return repr(value) if isinstance(value, float) and math.isnan(value) else value
