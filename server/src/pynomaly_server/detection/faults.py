"""Says what the engine and the table readers refuse in the contract's words: one translation for requests and jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.tabular.errors import BadTable, TableTooLarge


@contextmanager
def as_problems(too_large_remedy: str) -> Iterator[None]:
    """Raise what the wrapped code refuses as `ProblemError`."""
    try:
        yield
    except TableTooLarge as error:
        raise ProblemError("payload-too-large", f"{error} {too_large_remedy}") from error
    except BadTable as error:
        raise ProblemError("bad-dataset", str(error)) from error
    except DetectorError as error:
        pointer = getattr(error, "pointer", None)
        if error.code == "validation" and pointer is not None:
            raise invalid([Fault(pointer, str(error).rstrip("."))]) from error
        raise ProblemError(error.code, str(error)) from error
