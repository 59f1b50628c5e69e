"""Counters and histograms of one process, which hold what has not been added to the totals yet.

Amounts are whole numbers (seconds are kept as microseconds), so that sums over many processes are exact.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

SEPARATOR: Final = "\x1f"
SUM: Final = "sum"
INFINITE: Final = "+Inf"
MICROSECONDS: Final = 1_000_000

_meters: Final[dict[str, Counter | Histogram]] = {}


@dataclass(frozen=True, slots=True)
class Series:
    """One line of figures: what it is called, its labels, and its value."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """Figures of one name; `kind` is counter, gauge or histogram, as Prometheus knows them."""

    name: str
    kind: str
    help: str
    series: Sequence[Series] = field(default=())


class Counter:
    """Counts events by the values of its labels. May be used by any thread.

    Args:
        name: what Prometheus calls it; ends in `_total`.
        help: one line that says what is counted.
        labels: names; the values of each must come from a bounded set.
    """

    kind: Final = "counter"

    def __init__(self, name: str, help: str, labels: Sequence[str]) -> None:  # noqa: A002 - Prometheus' word
        self.name, self.help, self.labels = name, help, tuple(labels)
        self._pending: dict[tuple[str, ...], int] = {}
        self._lock = threading.Lock()
        _register(self)

    def add(self, *labels: str, amount: int = 1) -> None:
        """Count `amount` more with these values of the labels, in their order."""
        if not amount:
            return
        with self._lock:
            self._pending[labels] = self._pending.get(labels, 0) + amount

    def take(self) -> dict[str, int]:
        """What was counted since the last call, by field of the totals."""
        with self._lock:
            pending, self._pending = self._pending, {}
        return {SEPARATOR.join((self.name, *labels)): amount for labels, amount in pending.items() if amount}

    def read(self, totals: Mapping[tuple[str, ...], int]) -> Family:
        """The family as Prometheus reads it, from the totals by label values."""
        return Family(
            self.name,
            self.kind,
            self.help,
            [
                Series(self.name, dict(zip(self.labels, labels, strict=True)), amount)
                for labels, amount in sorted(totals.items())
                if len(labels) == len(self.labels)
            ],
        )


class Histogram:
    """Counts durations in buckets, by the values of its labels. May be used by any thread.

    Args:
        name: what Prometheus calls it; ends in `_seconds`.
        help: one line that says what is measured.
        labels: names; the values of each must come from a bounded set.
        bounds: upper ends of the buckets in seconds, ascending; one without an end follows.
    """

    kind: Final = "histogram"

    def __init__(self, name: str, help: str, labels: Sequence[str], bounds: Sequence[float]) -> None:  # noqa: A002
        self.name, self.help, self.labels = name, help, tuple(labels)
        self._bounds = tuple(bounds)
        # Named by their ends and not by their numbers, so that a release with other buckets mixes up nothing.
        self._buckets = (*(f"{bound:g}" for bound in bounds), INFINITE)
        self._pending: dict[tuple[str, ...], list[int]] = {}
        self._lock = threading.Lock()
        _register(self)

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one duration with these values of the labels, in their order."""
        bucket = bisect_left(self._bounds, seconds)
        with self._lock:
            counts = self._pending.get(labels)
            if counts is None:
                counts = self._pending[labels] = [0] * (len(self._buckets) + 1)
            counts[bucket] += 1
            counts[-1] += round(seconds * MICROSECONDS)

    def take(self) -> dict[str, int]:
        """What was counted since the last call, by field of the totals."""
        with self._lock:
            pending, self._pending = self._pending, {}
        return {
            SEPARATOR.join((self.name, *labels, part)): amount
            for labels, counts in pending.items()
            for part, amount in zip((*self._buckets, SUM), counts, strict=True)
            if amount
        }

    def read(self, totals: Mapping[tuple[str, ...], int]) -> Family:
        """The family as Prometheus reads it, with cumulative buckets, from the totals by label values."""
        observed: dict[tuple[str, ...], dict[str, int]] = {}
        for (*labels, part), amount in totals.items():
            if len(labels) == len(self.labels) and (part in self._buckets or part == SUM):
                observed.setdefault(tuple(labels), {})[part] = amount
        series = []
        for values, parts in sorted(observed.items()):
            named = dict(zip(self.labels, values, strict=True))
            count = 0
            for bucket in self._buckets:
                count += parts.get(bucket, 0)
                series.append(Series(f"{self.name}_bucket", {**named, "le": bucket}, count))
            series.append(Series(f"{self.name}_sum", named, parts.get(SUM, 0) / MICROSECONDS))
            series.append(Series(f"{self.name}_count", named, count))
        return Family(self.name, self.kind, self.help, series)


def _register(meter: Counter | Histogram) -> None:
    if _meters.setdefault(meter.name, meter) is not meter:
        raise ValueError(f"There is a figure {meter.name!r} already; give this one another name.")


def meters() -> Sequence[Counter | Histogram]:
    """All that were made in this process, by name."""
    return [_meters[name] for name in sorted(_meters)]


def take_all() -> dict[str, int]:
    """What all of them have counted since the last call, by field of the totals."""
    return {name: amount for meter in meters() for name, amount in meter.take().items()}


def families_of(totals: Mapping[str, int]) -> list[Family]:
    """All counters and histograms, with what the fields of the totals say; unknown fields are left out."""
    by_name: dict[str, dict[tuple[str, ...], int]] = {}
    for name, amount in totals.items():
        family, *labels = name.split(SEPARATOR)
        by_name.setdefault(family, {})[tuple(labels)] = amount
    return [meter.read(by_name.get(meter.name, {})) for meter in meters()]
