"""Requests that callers build themselves: the contract's models, which also take paths where text is
expected."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, cast

from pydantic import ConfigDict, field_validator

from pynomaly._generated import models
from pynomaly._generated.models import (
    CredentialRequest,
    DetectionRequest,
    LoginRequest,
    RemoteSource,
    WebhookEndpointChanges,
    WebhookEndpointCreation,
)
from pynomaly.errors import DataError
from pynomaly.session import Identity

__all__ = [
    "BatchDetectionRequest",
    "CredentialRequest",
    "DetectionRequest",
    "GcsSecrets",
    "PostgresqlSecrets",
    "RemoteSource",
    "S3Secrets",
    "WebhookEndpointChanges",
    "WebhookEndpointCreation",
    "credential_request",
    "login_request",
]

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


_SECRET = {"secret_access_key", "session_token", "service_account_key", "password"}
_Shown = Iterator[tuple[str | None, Any]]


def _without_secrets(shown: _Shown) -> _Shown:
    return ((name, "***" if name in _SECRET and value is not None else value) for name, value in shown)


class S3Secrets(models.S3Secrets):
    """Access to buckets of Amazon S3, or of another store that speaks its protocol; `repr()` hides the
    secrets."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def __repr_args__(self) -> _Shown:
        return _without_secrets(iter(super().__repr_args__()))


class GcsSecrets(models.GcsSecrets):
    """Access to buckets of Google Cloud Storage; `repr()` hides the secrets."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def __repr_args__(self) -> _Shown:
        return _without_secrets(iter(super().__repr_args__()))


class PostgresqlSecrets(models.PostgresqlSecrets):
    """Access to the databases of one PostgreSQL server; `repr()` hides the secrets."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def __repr_args__(self) -> _Shown:
        return _without_secrets(iter(super().__repr_args__()))


def credential_request(name: str, secrets: Any) -> CredentialRequest:
    """The request that stores `secrets`, of whatever kind; raises `DataError` where they are of none."""
    for field, kind in (
        ("s3", models.S3Secrets),
        ("gcs", models.GcsSecrets),
        ("postgresql", models.PostgresqlSecrets),
    ):
        if isinstance(secrets, kind):
            return CredentialRequest.model_validate({"name": name, field: secrets.model_dump(mode="json")})
    raise DataError(
        f"The secrets are of type {type(secrets).__name__}; give pynomaly.S3Secrets, pynomaly.GcsSecrets or "
        "pynomaly.PostgresqlSecrets."
    )


def login_request(identity: Identity) -> LoginRequest:
    """What logs somebody in; the server's default tenant is not named."""
    if identity.tenant is None:
        return LoginRequest(username=identity.username, password=identity.password)
    return LoginRequest(username=identity.username, password=identity.password, tenant=identity.tenant)
