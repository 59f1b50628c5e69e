"""Requests that callers build themselves: the contract's models, which also take paths where text is
expected."""

from __future__ import annotations

import os
from typing import Any, cast

from pydantic import field_validator

from pynomaly._generated import models
from pynomaly._generated.models import DetectionRequest, WebhookEndpointChanges, WebhookEndpointCreation

__all__ = ["BatchDetectionRequest", "DetectionRequest", "WebhookEndpointChanges", "WebhookEndpointCreation"]

# A generated model is completed at its first use; a subclass in another module needs it complete.
models.BatchDetectionRequest.model_rebuild()


class BatchDetectionRequest(models.BatchDetectionRequest):
    """Datasets and how to look for anomalies among their rows.

    `data_sources` may mix ids of uploaded datasets and local paths; `client.batch_detect` uploads the files
    first.
    """

    @field_validator("data_sources", mode="before")
    @classmethod
    def _paths_as_text(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            sources = cast("list[Any]", value)
            return [os.fspath(each) if hasattr(each, "__fspath__") else each for each in sources]
        return value
