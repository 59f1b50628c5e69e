"""Detection on this machine, for when no server answers: robust rules on each column, fitted on the rows
given, with the standard library alone.

Each value gets a *surprise* that is 1 where the rule of its column would call it an outlier:

- numbers: the larger of |x - median| / (3.5 sigma), where sigma is 1.4826 MAD (Iglewicz and Hoaglin, "How to
  Detect and Handle Outliers", 1993), and the distance beyond the nearer quartile in units of 1.5 IQR (Tukey,
  "Exploratory Data Analysis", 1977). Where the MAD is 0 sigma is taken from the IQR, and where that is 0 too
  from the mean deviation, so that the only value off an otherwise constant range still stands out.
- categories, and whether a value is missing: log(p_max / p) / log(100), by the share p of the value among the
  rows and that of the commonest: a value a hundred times rarer than it has the surprise 1.

A row's raw score is the sum of log(1 + surprise^2) over its columns; `score = raw / (raw + threshold)`, so
that 0.5 is the threshold. A forest at the server finds what lies between columns as well; these rules do not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

ALGORITHM: Final = "local_rules"

_LIMIT_SIGMAS: Final = 3.5
_LIMIT_IQRS: Final = 1.5
_RARE: Final = math.log(100.0)
_MOST_CATEGORIES: Final = 0.5
_FEW_CATEGORIES: Final = 20
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class LocalColumn:
    """How a column was read.

    Attributes:
        name: Its name.
        type: `numeric`, `categorical`, `boolean`, or `identifier` for one that tells rows apart, or holds
            free text or times, and is left out.
        missing: Number of missing values.
        expected: The usual value: the median, or the commonest.
    """

    name: str
    type: Literal["numeric", "categorical", "boolean", "identifier"]
    missing: int
    expected: float | str | bool | None


@dataclass(frozen=True, slots=True)
class LocalDetection:
    """What the rules say.

    Attributes:
        raw: A raw score of 0 or more per row.
        scores: A score in [0, 1] per row.
        predictions: 1 where the score is at least 0.5.
        threshold: The raw score that has the score 0.5.
        columns: How the columns were read.
        contributions: Per row, the columns that add to its score with their shares of it, largest first.
    """

    raw: list[float]
    scores: list[float]
    predictions: list[int]
    threshold: float
    columns: list[LocalColumn]
    contributions: list[list[tuple[str, float]]]


def detect_locally(
    columns: Mapping[str, Sequence[Any]], contamination: float | Literal["auto"] = 0.1
) -> LocalDetection:
    """Score rows by the rules.

    Args:
        columns: Values by column, all of one length; None and NaN are missing, and text that reads as a
            number in the whole column is one.
        contamination: Expected share of anomalies in (0, 0.5]; `auto` sets the threshold 3.5 robust sigmas
            above the median score, and at least where a single column alone would call a row an outlier.

    Raises:
        ValueError: The columns differ in length, or the contamination is out of range.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError("the columns differ in length")
    if contamination != "auto" and not 0.0 < contamination <= 0.5:
        raise ValueError(f"contamination must be 'auto' or in (0, 0.5], not {contamination!r}")
    n_rows = lengths.pop() if lengths else 0
    read: list[LocalColumn] = []
    parts: list[tuple[str, list[float]]] = []
    for name, values in columns.items():
        column, surprises = _column(name, values)
        read.append(column)
        if surprises is not None:
            parts.append((name, [math.log1p(surprise * surprise) for surprise in surprises]))
    raw = [math.fsum(part[place] for _, part in parts) for place in range(n_rows)]
    threshold = _threshold(raw, contamination)
    scores = [value / (value + threshold) if value > 0.0 else 0.0 for value in raw]
    return LocalDetection(
        raw=raw,
        scores=scores,
        predictions=[1 if score >= 0.5 else 0 for score in scores],
        threshold=threshold,
        columns=read,
        contributions=[_shares(parts, place, raw[place]) for place in range(n_rows)],
    )


def _column(name: str, values: Sequence[Any]) -> tuple[LocalColumn, list[float] | None]:
    cells = [_cell(value) for value in values]
    present = [cell for cell in cells if cell is not None]
    missing = len(cells) - len(present)
    if present and all(isinstance(cell, bool) for cell in present):
        return _categories(name, "boolean", cells, missing)
    numbers = _numbers(present)
    if numbers is not None:
        return _numeric(name, cells, numbers, missing)
    distinct = len(set(map(str, present)))
    if distinct > max(_FEW_CATEGORIES, _MOST_CATEGORIES * len(present)):
        return LocalColumn(name, "identifier", missing, None), None
    return _categories(name, "categorical", cells, missing)


def _cell(value: Any) -> Any:
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        return value.strip() or None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value


def _numbers(present: Sequence[Any]) -> dict[Any, float] | None:
    """Each value as a number; None where one is no number. Nothing at all is a column of numbers too."""
    numbers: dict[Any, float] = {}
    for cell in present:
        if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
            return None
        try:
            number = float(cell)
        except (ValueError, OverflowError):
            return None
        if not math.isfinite(number):
            return None
        numbers[cell] = number
    return numbers


def _numeric(
    name: str, cells: Sequence[Any], numbers: Mapping[Any, float], missing: int
) -> tuple[LocalColumn, list[float]]:
    values = sorted(numbers[cell] for cell in cells if cell is not None)
    if not values:
        return LocalColumn(name, "numeric", missing, None), [0.0] * len(cells)
    median, low, high = (_quantile(values, share) for share in (0.5, 0.25, 0.75))
    deviations = sorted(abs(value - median) for value in values)
    sigma = 1.4826 * _quantile(deviations, 0.5)
    sigma = sigma or (high - low) / 1.349 or 1.2533 * (math.fsum(deviations) / len(deviations))
    spread = (high - low) or 1.349 * sigma
    gap = _rarities({None: missing, True: len(values)})[None] if missing else 0.0

    def surprise(cell: Any) -> float:
        if cell is None:
            return gap
        if not sigma > 0.0:
            return 0.0
        value = numbers[cell]
        beyond = max(low - value, value - high, 0.0)
        return min(max(abs(value - median) / (_LIMIT_SIGMAS * sigma), beyond / (_LIMIT_IQRS * spread)), 1e100)

    return LocalColumn(name, "numeric", missing, median), [surprise(cell) for cell in cells]


def _categories(
    name: str,
    kind: Literal["categorical", "boolean"],
    cells: Sequence[Any],
    missing: int,
) -> tuple[LocalColumn, list[float]]:
    texts = [None if cell is None else str(cell) for cell in cells]
    rarity = _rarities(Counter(texts))
    # The commonest, and of several the first by name: the order of the rows must not matter.
    counts = Counter(text for text in texts if text is not None)
    commonest = min(counts, key=lambda text: (-counts[text], text))
    usual = commonest == "True" if kind == "boolean" else commonest
    return LocalColumn(name, kind, missing, usual), [rarity[text] for text in texts]


def _rarities(counts: Mapping[Any, int]) -> dict[Any, float]:
    most = max(counts.values())
    return {value: math.log(most / count) / _RARE for value, count in counts.items() if count}


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _threshold(raw: Sequence[float], contamination: float | Literal["auto"]) -> float:
    positive = sorted(value for value in raw if value > 0.0)
    if not positive:
        return 1.0
    if contamination == "auto":
        ordered = sorted(raw)
        median = _quantile(ordered, 0.5)
        spread = 1.4826 * _quantile(sorted(abs(value - median) for value in raw), 0.5)
        return max(median + _LIMIT_SIGMAS * spread, math.log(2.0))
    wanted = min(max(1, math.floor(contamination * len(raw) + 0.5)), len(raw))
    ordered = sorted(raw, reverse=True)
    last = ordered[wanted - 1]
    following = ordered[wanted] if wanted < len(ordered) else 0.0
    # Between the last row wanted and the next, so that rounding decides nothing; ties go together.
    return (last + following) / 2.0 if last > following and last > 0.0 else max(last, positive[0])


def _shares(parts: Sequence[tuple[str, list[float]]], place: int, raw: float) -> list[tuple[str, float]]:
    if raw <= 0.0:
        return []
    added = [(name, part[place]) for name, part in parts if part[place] > 0.0]
    added.sort(key=lambda each: -each[1])
    shown = added[:_SHOWN]
    total = math.fsum(value for _, value in shown)
    return [(name, value / total) for name, value in shown]
