"""Figures as Prometheus reads them: the text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pynomaly_server.telemetry.meters import Family, Series

MEDIA_TYPE: Final = "text/plain; version=0.0.4"
"""To which the charset is added, as to all text."""
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


def as_text(families: Iterable[Family]) -> str:
    """The families one after the other, each with its help and kind."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {family.help.translate(_HELP_ESCAPES)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines.extend(map(_line, family.series))
    return "\n".join(lines) + "\n"


def _line(series: Series) -> str:
    labels = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in series.labels.items())
    name = f"{series.name}{{{labels}}}" if labels else series.name
    return f"{name} {_number(series.value)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))
