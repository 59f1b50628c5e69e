"""The states of a delivery and what endpoints are told of."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class DeliveryState(StrEnum):
    """`pending` leads to one of the others; a redelivery leads back."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledReason(StrEnum):
    """Why an endpoint is sent nothing."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


EVENT_TYPES: Final = ("job.succeeded", "job.failed", "job.cancelled")
TEST_EVENT: Final = "webhook.test"
