"""A trained forest behind BentoML, which puts concurrent requests together into batches."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=2, traffic={"timeout": 60})
class Forest:
    """Scores rows with the trained forest."""

    def __init__(self) -> None:
        """Load it."""
        self.model = joblib.load(os.environ["FOREST"])

    @bentoml.api(batchable=True, max_batch_size=1_000, max_latency_ms=10_000)
    def predict(self, data: np.ndarray) -> np.ndarray:
        """Scores of rows, one per row."""
        return self.model.score_samples(data)
