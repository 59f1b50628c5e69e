"""Says what the engine and the table readers refuse in the contract's words, for requests and jobs alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.problems import Fault, ProblemError
from pynomaly_server.tabular.errors import TableError, TableTooLarge


@contextmanager
def as_problems(too_large_remedy: str) -> Iterator[None]:
    """Raise what the wrapped code refuses as `ProblemError`; `too_large_remedy` ends the message of a 413."""
    try:
        yield
    except TableTooLarge as error:
        raise ProblemError(error.code, f"{error} {too_large_remedy}") from error
    except (TableError, DetectorError) as error:
        pointer = getattr(error, "pointer", None)
        raise ProblemError(error.code, str(error), [Fault(pointer, str(error))] if pointer else ()) from error
