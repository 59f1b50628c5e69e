"""How much work a request may ask for while its caller waits and one of the server's threads is held."""

from __future__ import annotations

from typing import Final

from pynomaly_server.detection.fitting import DetectionOptions, chosen, is_ordered
from pynomaly_server.detectors import estimates, registry
from pynomaly_server.detectors.ordered.interface import ORDERED
from pynomaly_server.detectors.ordered.windows import Windows
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import environment_variable

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0


def check_effort(
    options: DetectionOptions, rows: int, columns: int, most_seconds: float, remedy: str
) -> None:
    """Refuse work on a table of so many rows and columns that would take too long; done before any of it.

    `remedy` ends the message.

    Raises:
        ProblemError: `payload-too-large`, where the estimate for one core is above `most_seconds`.
        UnknownAlgorithm, InvalidParameter: as fitting would.
    """
    algorithm, parameters = chosen(options)
    seconds = estimates.seconds(algorithm, parameters, *_shape(options, algorithm, rows, columns))
    if seconds <= most_seconds:
        return
    raise ProblemError(
        "payload-too-large",
        f"{registry.get(algorithm).name} on {rows:,} rows of {columns:,} columns, with these parameters, "
        f"would take about {_told(seconds)} of one core; a request may take {_told(most_seconds)} "
        f"({environment_variable('detect_max_seconds')}). Take a quicker algorithm, parameters that ask for "
        f"less of it, or fewer rows. Or: {remedy}",
    )


def _shape(options: DetectionOptions, algorithm: str, rows: int, columns: int) -> tuple[int, int]:
    """The rows and columns that the algorithm sees; of time series these are sliding windows."""
    if options.features:
        columns = min(columns, len(options.features))
    if ORDERED in registry.get(algorithm).capabilities or not is_ordered(options):
        return rows, columns
    length, stride = Windows().length, 1
    if options.windows is not None:
        length, stride = options.windows.length, options.windows.stride
    return max(1, (rows - length) // stride + 1), columns * length


def _told(seconds: float) -> str:
    for unit, name in ((_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:,.0f} seconds"
