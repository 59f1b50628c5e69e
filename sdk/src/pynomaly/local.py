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
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Literal

ALGORITHM: Final = "local_rules"

_LIMIT_SIGMAS: Final = 3.5
_LIMIT_IQRS: Final = 1.5
_RARE: Final = math.log(100.0)
_MOST_CATEGORIES: Final = 0.5
_FEW_CATEGORIES: Final = 20
_SHOWN: Final = 5
_NEVER: Final = 0.5


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


@dataclass(frozen=True, slots=True)
class LocalRules:
    """Rules fitted on rows, by which any row is scored from itself alone.

    Attributes:
        rules: The rule of each column, None for a column that is left out.
        columns: How the columns of the fitted rows were read.
        threshold: The raw score that has the score 0.5.
    """

    rules: Mapping[str, ColumnRule | None]
    columns: tuple[LocalColumn, ...]
    threshold: float

    def score(self, columns: Mapping[str, Sequence[Any]]) -> LocalDetection:
        """Score rows by these rules. A value that the fitted rows never had, where its column has a rarity or
        was constant, counts as if it had been there half a time.

        Args:
            columns: Values by column, all of one length; columns without a rule may be absent.

        Raises:
            ValueError: A column with a rule is missing, one has values of another type than before, or the
                columns differ in length. The message names the column.
        """
        n_rows = _length(columns)
        read: list[LocalColumn] = []
        parts: list[tuple[str, list[float]]] = []
        for column in self.columns:
            if column.name not in columns:
                if self.rules[column.name] is not None:
                    raise ValueError(f"the column {column.name!r} is missing")
                continue
            cells = [plain_cell(value) for value in columns[column.name]]
            read.append(replace(column, missing=sum(cell is None for cell in cells)))
            rule = self.rules[column.name]
            if rule is not None:
                parts.append((column.name, _logs(rule.surprises(column.name, cells))))
        return _told(read, parts, n_rows, self.threshold)

    def at(self, score: float) -> LocalRules:
        """The same rules with the score 0.5 where these have `score`, a number between 0 and 1."""
        return replace(self, threshold=self.threshold * score / (1.0 - score))


@dataclass(frozen=True, slots=True)
class NumericRule:
    """Robust distances from the middle of a column of numbers.

    Attributes:
        median: Its median; None where no row had a number.
        low: Its lower quartile.
        high: Its upper quartile.
        sigma: Its robust standard deviation; 0 where it is constant.
        spread: The length of the box of its quartiles.
        gap: The surprise of a missing value.
        strange: The surprise of another value in a constant column.
    """

    median: float | None
    low: float = 0.0
    high: float = 0.0
    sigma: float = 0.0
    spread: float = 0.0
    gap: float = 0.0
    strange: float = 0.0

    def surprises(self, name: str, cells: Sequence[Any]) -> list[float]:
        """A surprise per value; raises `ValueError` where one is no number."""
        numbers = _numbers([cell for cell in cells if cell is not None])
        if numbers is None:
            raise ValueError(f"the column {name!r} has values that are no numbers")
        return self.of_numbers(cells, numbers)

    def of_numbers(self, cells: Sequence[Any], numbers: Mapping[Any, float]) -> list[float]:
        """A surprise per value, of values whose numbers are known."""
        return [self.gap if cell is None else self._of(numbers[cell]) for cell in cells]

    def _of(self, value: float) -> float:
        if self.median is None:
            return 0.0
        if not self.sigma > 0.0:
            return 0.0 if value == self.median else self.strange
        beyond = max(self.low - value, value - self.high, 0.0)
        off = abs(value - self.median) / (_LIMIT_SIGMAS * self.sigma)
        return min(max(off, beyond / (_LIMIT_IQRS * self.spread)), 1e100)


@dataclass(frozen=True, slots=True)
class RarityRule:
    """How rare each value of a column is.

    Attributes:
        rarities: The surprise of each value, as text; that of None is that of a missing value.
        strange: The surprise of any other.
        boolean: Whether the values are true and false.
    """

    rarities: Mapping[str | None, float]
    strange: float
    boolean: bool

    def surprises(self, name: str, cells: Sequence[Any]) -> list[float]:
        """A surprise per value; raises `ValueError` where one is neither true nor false and has to be."""
        if self.boolean and any(cell is not None and not isinstance(cell, bool) for cell in cells):
            raise ValueError(f"the column {name!r} has values other than true and false")
        return [self.rarities.get(_text(cell), self.strange) for cell in cells]


ColumnRule = NumericRule | RarityRule


def detect_locally(
    columns: Mapping[str, Sequence[Any]], contamination: float | Literal["auto"] = 0.1
) -> LocalDetection:
    """Score rows by rules that are fitted on them.

    Args:
        columns: Values by column, all of one length; None and NaN are missing, and text that reads as a
            number in the whole column is one.
        contamination: Expected share of anomalies in (0, 0.5]; `auto` sets the threshold 3.5 robust sigmas
            above the median score, and at least where a single column alone would call a row an outlier.

    Raises:
        ValueError: The columns differ in length, or the contamination is out of range.
    """
    rules, parts = _fitted(columns, contamination)
    return _told(rules.columns, parts, _length(columns), rules.threshold)


def fit_locally(
    columns: Mapping[str, Sequence[Any]], contamination: float | Literal["auto"] = 0.1
) -> LocalRules:
    """Fit the rules on rows, which then have the scores that `detect_locally` gives them, as any row alike.

    Args:
        columns: As `detect_locally` takes them.
        contamination: As `detect_locally` takes it.

    Raises:
        ValueError: The columns differ in length, or the contamination is out of range.
    """
    return _fitted(columns, contamination)[0]


_Parts = list[tuple[str, list[float]]]


def _fitted(
    columns: Mapping[str, Sequence[Any]], contamination: float | Literal["auto"]
) -> tuple[LocalRules, _Parts]:
    n_rows = _length(columns)
    if contamination != "auto" and not 0.0 < contamination <= 0.5:
        raise ValueError(f"contamination must be 'auto' or in (0, 0.5], not {contamination!r}")
    read: list[LocalColumn] = []
    rules: dict[str, ColumnRule | None] = {}
    parts: _Parts = []
    for name, values in columns.items():
        column, rule, surprises = _column(name, values)
        read.append(column)
        rules[name] = rule
        if rule is not None:
            parts.append((name, _logs(surprises)))
    threshold = _threshold(_raw(parts, n_rows), contamination)
    return LocalRules(rules, tuple(read), threshold), parts


def _length(columns: Mapping[str, Sequence[Any]]) -> int:
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError("the columns differ in length")
    return lengths.pop() if lengths else 0


def _logs(surprises: Sequence[float]) -> list[float]:
    return [math.log1p(surprise * surprise) for surprise in surprises]


def _raw(parts: _Parts, n_rows: int) -> list[float]:
    return [math.fsum(part[place] for _, part in parts) for place in range(n_rows)]


def _told(columns: Sequence[LocalColumn], parts: _Parts, n_rows: int, threshold: float) -> LocalDetection:
    raw = _raw(parts, n_rows)
    scores = [value / (value + threshold) if value > 0.0 else 0.0 for value in raw]
    return LocalDetection(
        raw=raw,
        scores=scores,
        predictions=[1 if score >= 0.5 else 0 for score in scores],
        threshold=threshold,
        columns=list(columns),
        contributions=[_shares(parts, place, raw[place]) for place in range(n_rows)],
    )


def _column(name: str, values: Sequence[Any]) -> tuple[LocalColumn, ColumnRule | None, list[float]]:
    cells = [plain_cell(value) for value in values]
    present = [cell for cell in cells if cell is not None]
    missing = len(cells) - len(present)
    if present and all(isinstance(cell, bool) for cell in present):
        return _categories(name, "boolean", cells, missing)
    numbers = _numbers(present)
    if numbers is not None:
        rule = _numeric(cells, numbers, missing)
        return LocalColumn(name, "numeric", missing, rule.median), rule, rule.of_numbers(cells, numbers)
    distinct = len(set(map(str, present)))
    if distinct > max(_FEW_CATEGORIES, _MOST_CATEGORIES * len(present)):
        return LocalColumn(name, "identifier", missing, None), None, []
    return _categories(name, "categorical", cells, missing)


def plain_cell(value: Any) -> Any:
    """A value as the rules see it: None where it is missing, text without blanks around it."""
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


def _numeric(cells: Sequence[Any], numbers: Mapping[Any, float], missing: int) -> NumericRule:
    values = sorted(numbers[cell] for cell in cells if cell is not None)
    if not values:
        return NumericRule(None)
    median, low, high = (quantile(values, share) for share in (0.5, 0.25, 0.75))
    deviations = sorted(abs(value - median) for value in values)
    sigma = 1.4826 * quantile(deviations, 0.5)
    sigma = sigma or (high - low) / 1.349 or 1.2533 * (math.fsum(deviations) / len(deviations))
    strange = _rarity(len(values), _NEVER)
    return NumericRule(
        median,
        low,
        high,
        sigma,
        (high - low) or 1.349 * sigma,
        _rarities({None: missing, True: len(values)})[None] if missing else strange,
        strange,
    )


def _categories(
    name: str, kind: Literal["categorical", "boolean"], cells: Sequence[Any], missing: int
) -> tuple[LocalColumn, RarityRule, list[float]]:
    texts = [_text(cell) for cell in cells]
    found = Counter(texts)
    # The commonest, and of several the first by name: the order of the rows must not matter.
    counts = Counter(text for text in texts if text is not None)
    commonest = min(counts, key=lambda text: (-counts[text], text))
    usual = commonest == "True" if kind == "boolean" else commonest
    rule = RarityRule(_rarities(found), _rarity(max(found.values()), _NEVER), kind == "boolean")
    return LocalColumn(name, kind, missing, usual), rule, [rule.rarities[text] for text in texts]


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell)


def _rarities(counts: Mapping[Any, int]) -> dict[Any, float]:
    most = max(counts.values())
    return {value: _rarity(most, count) for value, count in counts.items() if count}


def _rarity(most: int, count: float) -> float:
    return math.log(most / count) / _RARE


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a `share` of `ordered`, sorted values, lies, between its two neighbours."""
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
        median = quantile(ordered, 0.5)
        spread = 1.4826 * quantile(sorted(abs(value - median) for value in raw), 0.5)
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
