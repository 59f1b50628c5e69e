"""Pynomaly's client: `PynomalyClient`, its twin `AsyncPynomalyClient`, the requests they take and the errors
they raise. Everything is loaded at its first use, so that importing this package stays quick."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pynomaly._version import __version__

if TYPE_CHECKING:
    from pynomaly.async_client import AsyncPynomalyClient
    from pynomaly.async_models import AsyncTrainedModel
    from pynomaly.client import PynomalyClient
    from pynomaly.errors import (
        APIConnectionError,
        APIError,
        APIResponseError,
        APIStatusError,
        APITimeoutError,
        Attempt,
        AuthenticationError,
        BadGatewayError,
        BadRequestError,
        CircuitOpenError,
        ConfigurationError,
        ConflictError,
        DataError,
        GatewayTimeoutError,
        GoneError,
        InternalServerError,
        JobCancelledError,
        JobError,
        JobFailedError,
        MethodNotAllowedError,
        MissingFileError,
        NotAcceptableError,
        NotFoundError,
        PayloadTooLargeError,
        PermissionDeniedError,
        PynomalyError,
        RateLimitError,
        RequestTimeoutError,
        ServerError,
        ServiceUnavailableError,
        TooEarlyError,
        UnknownJobStateError,
        UnprocessableEntityError,
        UnsupportedMediaTypeError,
        WebhookVerificationError,
    )
    from pynomaly.jobs import AsyncJobHandle, JobHandle
    from pynomaly.models import TrainedModel
    from pynomaly.requests import (
        BatchDetectionRequest,
        DetectionRequest,
        GcsSecrets,
        PostgresqlSecrets,
        RemoteSource,
        S3Secrets,
    )
    from pynomaly.resilience import (
        BreakerEvent,
        BreakerPolicy,
        BreakerState,
        BudgetPolicy,
        FallbackEvent,
        RequestEvent,
        ResiliencePolicy,
        RetryEvent,
    )
    from pynomaly.results import DetectionResult
    from pynomaly.rows import RowResult, RowTable
    from pynomaly.transport import CallOptions, Content

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncJobHandle",
    "AsyncPynomalyClient",
    "AsyncTrainedModel",
    "Attempt",
    "AuthenticationError",
    "BadGatewayError",
    "BadRequestError",
    "BatchDetectionRequest",
    "BreakerEvent",
    "BreakerPolicy",
    "BreakerState",
    "BudgetPolicy",
    "CallOptions",
    "CircuitOpenError",
    "ConfigurationError",
    "ConflictError",
    "Content",
    "DataError",
    "DetectionRequest",
    "DetectionResult",
    "FallbackEvent",
    "GatewayTimeoutError",
    "GcsSecrets",
    "GoneError",
    "InternalServerError",
    "JobCancelledError",
    "JobError",
    "JobFailedError",
    "JobHandle",
    "MethodNotAllowedError",
    "MissingFileError",
    "NotAcceptableError",
    "NotFoundError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "PostgresqlSecrets",
    "PynomalyClient",
    "PynomalyError",
    "RateLimitError",
    "RemoteSource",
    "RequestEvent",
    "RequestTimeoutError",
    "ResiliencePolicy",
    "RetryEvent",
    "RowResult",
    "RowTable",
    "S3Secrets",
    "ServerError",
    "ServiceUnavailableError",
    "TooEarlyError",
    "TrainedModel",
    "UnknownJobStateError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "WebhookVerificationError",
    "__version__",
]

# Every name that is not an error lives here; the errors are all in pynomaly.errors.
_HOMES = {
    "RetryEvent": "pynomaly.resilience",
    "ResiliencePolicy": "pynomaly.resilience",
    "RequestEvent": "pynomaly.resilience",
    "FallbackEvent": "pynomaly.resilience",
    "BudgetPolicy": "pynomaly.resilience",
    "BreakerState": "pynomaly.resilience",
    "BreakerPolicy": "pynomaly.resilience",
    "BreakerEvent": "pynomaly.resilience",
    "AsyncJobHandle": "pynomaly.jobs",
    "AsyncPynomalyClient": "pynomaly.async_client",
    "AsyncTrainedModel": "pynomaly.async_models",
    "BatchDetectionRequest": "pynomaly.requests",
    "CallOptions": "pynomaly.transport",
    "Content": "pynomaly.transport",
    "DetectionRequest": "pynomaly.requests",
    "DetectionResult": "pynomaly.results",
    "GcsSecrets": "pynomaly.requests",
    "JobHandle": "pynomaly.jobs",
    "PostgresqlSecrets": "pynomaly.requests",
    "PynomalyClient": "pynomaly.client",
    "RemoteSource": "pynomaly.requests",
    "RowResult": "pynomaly.rows",
    "RowTable": "pynomaly.rows",
    "S3Secrets": "pynomaly.requests",
    "TrainedModel": "pynomaly.models",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pynomaly' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES.get(name, "pynomaly.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
