"""Which jobs are light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.detection import fitting
from pynomaly_server.detectors import registry

LIGHT_ROWS: Final = 1_000
LIGHT_BYTES: Final = 64 * 1024


def is_light(request: BatchDetectionRequest, sources: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a job takes milliseconds: a small upload, a cheap algorithm. `sources` are as a job keeps them.

    Raises:
        UnknownAlgorithm, InvalidParameter: as `fitting.fit` would.
    """
    rows = [source.get("n_rows") for source in sources]
    if None in rows or sum(int(each or 0) for each in rows) > LIGHT_ROWS:
        return False
    if sum(int(source.get("n_bytes") or 0) for source in sources) > LIGHT_BYTES:
        return False
    algorithm, _ = fitting.chosen(request)
    return registry.get(algorithm).cost == "low" and not fitting.is_ordered(request)
