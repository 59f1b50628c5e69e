"""What there is to show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is.

    Attributes:
        label: What is being done, in a word or two.
        share: How much of it is done, in [0, 1]; None where nobody knows.
        detail: Figures in words: amounts, rate, time left.
        topic: The same while nothing but figures changes.
    """

    label: str
    share: float | None
    detail: str
    topic: str


def duration(seconds: float) -> str:
    """Seconds in words."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
