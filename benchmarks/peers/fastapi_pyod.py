"""FastAPI and PyOD as people write it: a model loaded at the start, a handler per question."""

import os

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from pyod.models.iforest import IForest

app = FastAPI()
model = joblib.load(os.environ["FOREST"])


class Rows(BaseModel):
    """Rows to score."""

    data: list[list[float]]


@app.post("/predict")
def predict(rows: Rows) -> dict[str, list[float]]:
    """Score rows with the trained forest."""
    matrix = np.array(rows.data)
    scores = model.decision_function(matrix)
    return {"scores": scores.tolist(), "predictions": (scores > model.threshold_).astype(int).tolist()}


@app.post("/detect")
def detect(rows: Rows) -> dict[str, list[float]]:
    """Fit a forest to the rows, and score them."""
    fitted = IForest(n_estimators=100, max_samples=256).fit(np.array(rows.data))
    return {"scores": fitted.decision_scores_.tolist(), "predictions": fitted.labels_.tolist()}
