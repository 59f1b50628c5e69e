"""What jobs keep as their request; the modules that work on them import large libraries, this one none."""

from __future__ import annotations

from typing import Final

import msgspec

from pynomaly_server.contract.structs import BatchDetectionRequest, ScoringModel, TrainingRequest
from pynomaly_server.models.retraining.order import Validation

KIND_TRAINING: Final = "training"


class TrainingOrder(msgspec.Struct):
    """A request that was checked, its rows stored, and whose it was.

    `validation` says what a version is to be held against that is to replace another.
    """

    request: TrainingRequest
    created_by: str
    validation: Validation | None = None


class ScoringOrder(msgspec.Struct):
    """A detection by the version of a model that its reference meant when it was submitted.

    `threshold` is that of the alias, where it has one of its own.
    """

    request: BatchDetectionRequest
    model: ScoringModel
    label_column: str | None = None
    threshold: float | None = None
