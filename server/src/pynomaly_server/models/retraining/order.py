"""What a training that is to replace a version is told."""

from __future__ import annotations

import msgspec


class Validation(msgspec.Struct, frozen=True):
    """What a training is held against: the version before, on a share of the rows that is held out."""

    model_id: str
    version: int
    holdout_share: float
    least_agreement: float
