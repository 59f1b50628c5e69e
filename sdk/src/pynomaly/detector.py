# Made from async_detector.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Detection with everything that stands behind it: the server, and what answers where it does not."""

from __future__ import annotations

from typing import Any

from pynomaly._generated import operations as ops
from pynomaly.errors import APIError
from pynomaly.fallback import FallbackStep, from_function, from_rules, may_fall_back
from pynomaly.frames import DetectionOptions, prepare_detection
from pynomaly.resilience import FallbackEvent
from pynomaly.results import DetectionResult
from pynomaly.transport.colours import given
from pynomaly.transport.driver import Driver
from pynomaly.transport.options import CallOptions


class Detector:
    """Asks the server, and where no server answers, the steps of the fallback in turn.

    Args:
        driver: Carries the calls.
        fallback: What answers instead.
    """

    def __init__(self, driver: Driver, fallback: tuple[FallbackStep, ...]) -> None:
        self._driver = driver
        self.fallback = fallback

    def detect(
        self,
        data: Any,
        options: DetectionOptions,
        timeout: float | None,
    ) -> DetectionResult:
        """Find the anomalies among the rows of `data`; raises as `detect_anomalies` of the client."""
        prepared = prepare_detection(data, options)
        try:
            result = self._driver.call(
                ops.DETECT_ANOMALIES,
                DetectionResult,
                query=prepared.query,
                body=prepared.content,
                options=CallOptions(timeout=timeout),
            )
        except APIError as error:
            if not self.fallback or not may_fall_back(error):
                raise
            result = self._fall_back(data, options, error)
        return result.beside(prepared.local)

    def _fall_back(self, data: Any, options: DetectionOptions, error: APIError) -> DetectionResult:
        """The answer of the first step that gives one; the server's error where none does."""
        for step in self.fallback:
            named = "local" if step == "local" else "function"
            self._driver.guards.hooks.fallback(FallbackEvent(ops.DETECT_ANOMALIES.id, named, error))
            try:
                if step == "local":
                    return from_rules(data, options, error)
                return from_function(given(step(data, error)), data, options, error)
            except Exception as failed:  # noqa: BLE001  the next step may do better
                error.add_note(f"The fallback {named!r} failed: {type(failed).__name__}: {failed}")
        raise error
