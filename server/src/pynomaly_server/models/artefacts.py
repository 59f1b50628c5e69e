"""The signed file that a version is kept as: where it lies, how it is written and how it is read."""

from __future__ import annotations

import hashlib
import hmac
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


def put(store: ObjectStore, key: str, data: bytes, folder: Path) -> None:
    """Store the bytes of a version, by way of a file in `folder`."""
    path = folder / "model.envelope"
    path.write_bytes(data)
    store.put_file(key, path)


def load(store: ObjectStore, key: str, sha256: str, secret: str) -> FittedPipeline:
    """The model in a file, where the file is the one that was written; for threads.

    Raises:
        UnreadableError: it is missing or damaged, or this server cannot load it.
    """
    try:
        with store.local_path(key) as path:
            data = path.read_bytes()
    except ObjectMissingError:
        raise UnreadableError("its file is not in the storage") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UnreadableError("its file is damaged: the bytes are not those that were stored")
    try:
        return load_pipeline(data, signing_key(secret))
    except (EnvelopeError, DetectorError) as error:
        raise UnreadableError(f"this server cannot load it. {str(error).removesuffix('.')}") from error
