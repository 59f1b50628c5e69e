"""Writes the package of a version piece by piece; for threads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from pynomaly_server.contract.structs import ModelVersion
from pynomaly_server.detectors.envelope import SIGNATURE_BYTES, signer
from pynomaly_server.models.artefacts import UnreadableError
from pynomaly_server.models.packages.contents import (
    FORMAT,
    Manifest,
    PackedVersion,
    card_of,
    config_of,
    written,
)
from pynomaly_server.models.packages.form import (
    CARD,
    CONFIG,
    END,
    MANIFEST,
    MODEL,
    SIGNATURE,
    Part,
    header,
    member,
    padding,
)
from pynomaly_server.models.packages.signatures import PackageKeys
from pynomaly_server.storage.objects import READ_BYTES, ObjectMissingError, ObjectStore


def package(
    store: ObjectStore,
    artefact_key: str,
    shown: ModelVersion,
    packed: PackedVersion,
    keys: PackageKeys,
    signing_keys: Sequence[bytes],
) -> Generator[bytes]:
    """The package of a version; the same version has always the same bytes.

    The model's file is signed with one of `signing_keys`; the package by `keys`.

    The first piece is yielded once the model's file was verified as a whole.

    Raises:
        UnreadableError: the file is missing, damaged or of another server.
    """
    try:
        with store.local_path(artefact_key) as path:
            model = _verified(path, shown.artefact.sha256, signing_keys)
            card, config = card_of(shown), config_of(shown)
            manifest = written(
                Manifest(FORMAT, packed, {CARD: Part.of(card), CONFIG: Part.of(config), MODEL: model})
            )
            yield b"".join(
                (
                    member(MANIFEST, manifest),
                    member(SIGNATURE, keys.sign(manifest)),
                    member(CARD, card),
                    member(CONFIG, config),
                    header(MODEL, model.size),
                )
            )
            yield from _chunks(path, model.size)
            yield padding(model.size) + END
    except ObjectMissingError:
        raise UnreadableError("its file is not in the storage") from None


def _verified(path: Path, sha256: str, signing_keys: Sequence[bytes]) -> Part:
    """The envelope in a file without its signature, where the file is the one that was stored, and ours."""
    whole, body = hashlib.sha256(), hashlib.sha256()
    signing = [signer(key) for key in signing_keys]
    size = path.stat().st_size - SIGNATURE_BYTES
    for chunk in _chunks(path, max(size, 0)):
        whole.update(chunk)
        body.update(chunk)
        for each in signing:
            each.update(chunk)
    with path.open("rb") as file:
        file.seek(max(size, 0))
        signature = file.read(SIGNATURE_BYTES + 1)
    whole.update(signature)
    if whole.hexdigest() != sha256:
        raise UnreadableError("its file is damaged: the bytes are not those that were stored")
    if not any(hmac.compare_digest(signature, each.digest()) for each in signing):
        raise UnreadableError("its file is signed with another key than this server's")
    return Part(size, body.hexdigest())


def _chunks(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        left = size
        while left > 0:
            chunk = file.read(min(READ_BYTES, left))
            if not chunk:
                # The headers are sent, so that all there is to do is to break off.
                raise UnreadableError("its file was cut short while it was read")
            left -= len(chunk)
            yield chunk
