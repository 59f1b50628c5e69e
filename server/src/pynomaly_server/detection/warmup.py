"""Runs algorithms once before the server says it is ready, so that no caller pays for first uses."""

from __future__ import annotations

import io

import msgspec
import numpy as np
import polars as pl

from pynomaly_server.binding import json_body
from pynomaly_server.contract.structs import DetectionRequest
from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.detection.series import fit_series
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.ordered.interface import ORDERED
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.reading import read_table

_ROWS = 64
# For neighbours to be looked for in a tree, and by products.
_SEARCHED = ((2048, 2), (_ROWS, 8))


def warm_up() -> None:
    """Build what is built late: kernels and thread pools.

    Algorithms that bring a whole library in are left out: who never asks for them has not its memory either.
    """
    values = np.random.default_rng(0).normal(size=(_ROWS, 2))
    text = io.BytesIO()
    pl.DataFrame({"x": values[:, 0], "y": values[:, 1], "kind": ["a", "b"] * (_ROWS // 2)}).write_csv(text)
    frame = read_table(text.getvalue(), "text/csv", UNLIMITED)
    json_body.decode(msgspec.json.encode({"data": values.tolist() * 4}), DetectionRequest)
    for spec in (each for each in registry.all() if each.available and not each.loads_late):
        if ORDERED in spec.capabilities:
            fit_series(frame, algorithm=spec.name).explain(frame, [0])
            continue
        pipeline = fit_pipeline(frame, algorithm=spec.name)
        pipeline.explain(frame, [0])
        pipeline.score(frame.head(1))
    for shape in _SEARCHED:
        registry.get("abod").fit(np.random.default_rng(0).normal(size=shape))
