"""The signed file that a version is kept as: where it lies, how it is written and how it is read."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from pynomaly_server.detection.pipeline import FittedPipeline, load_pipeline
from pynomaly_server.detectors.envelope import EnvelopeError
from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.jobs.attempts import Attempt
from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore


class UnreadableError(Exception):
    """The file of a version cannot be used; the message says why, as the end of a sentence."""


def artefact_key(attempt: Attempt) -> str:
    """Where an attempt at a training, and no other, puts its model."""
    return f"tenants/{attempt.tenant_id}/models/{attempt.job_id}/{attempt.number}"


def imported_key(tenant_id: str, import_id: str) -> str:
    """Where the model of one import lies."""
    return f"tenants/{tenant_id}/models/imported/{import_id}"


def signing_key(secret: str) -> bytes:
    """What versions of models are signed with, and nothing else that the secret key signs."""
    return hmac.new(secret.encode(), b"pynomaly model version", hashlib.sha256).digest()


def signing_keys(secrets: Sequence[str]) -> tuple[bytes, ...]:
    """The same of several secret keys."""
    return tuple(signing_key(secret) for secret in secrets)


def key_of_signed_anew(key: str, secret_name: str) -> str:
    """Where a version lies once it is signed under another secret key, which is called `secret_name`."""
    return f"{key.partition('.')[0]}.{secret_name}"


def put(store: ObjectStore, key: str, data: bytes, folder: Path) -> None:
    """Store the bytes of a version, by way of a file in `folder`."""
    path = folder / "model.envelope"
    path.write_bytes(data)
    store.put_file(key, path)


def stored(store: ObjectStore, key: str, sha256: str) -> bytes:
    """The bytes of a file, where they are those that were written; for threads.

    Raises:
        UnreadableError: it is missing or damaged.
    """
    try:
        with store.local_path(key) as path:
            data = path.read_bytes()
    except ObjectMissingError:
        raise UnreadableError("its file is not in the storage") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UnreadableError("its file is damaged: the bytes are not those that were stored")
    return data


def load(
    store: ObjectStore, key: str, sha256: str, secret: str, former: Sequence[str] = ()
) -> FittedPipeline:
    """The model in a file, signed under the secret key or a former one; for threads.

    Raises:
        UnreadableError: it is missing or damaged, or this server cannot load it.
    """
    data = stored(store, key, sha256)
    try:
        return load_pipeline(data, signing_key(secret), signing_keys(former))
    except (EnvelopeError, DetectorError) as error:
        raise UnreadableError(f"this server cannot load it. {str(error).removesuffix('.')}") from error
