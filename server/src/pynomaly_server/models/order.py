"""What a training's job keeps as its request; what works on it is in `runner`, whose libraries are large."""

from __future__ import annotations

from typing import Final

import msgspec

from pynomaly_server.contract.structs import TrainingRequest
from pynomaly_server.models.retraining.order import Validation

KIND_TRAINING: Final = "training"


class TrainingOrder(msgspec.Struct):
    """A request that was checked, its rows stored, and whose it was.

    `validation` says what a version is to be held against that is to replace another.
    """

    request: TrainingRequest
    created_by: str
    validation: Validation | None = None
