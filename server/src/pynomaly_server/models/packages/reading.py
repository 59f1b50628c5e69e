"""Verifies a package in a file, and makes of its model an envelope of this installation; for threads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pynomaly_server.detection.pipeline import load_pipeline
from pynomaly_server.detectors.envelope import EnvelopeError, signer
from pynomaly_server.detectors.errors import DetectorError
from pynomaly_server.models.packages.contents import Manifest, PackedVersion, read
from pynomaly_server.models.packages.errors import PackageError, UntrustedPackage
from pynomaly_server.models.packages.form import (
    AGAIN,
    CARD,
    CONFIG,
    MANIFEST,
    MODEL,
    SIGNATURE,
    PackageReader,
    Part,
)
from pynomaly_server.models.packages.signatures import SIGNATURE_BYTES, PackageKeys

_MOST_MANIFEST: Final = 16 * 2**20
_MOST_TEXT: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A package that was verified, and the envelope made of it.

    `signed_by` is the public key of the installation that made it.
    """

    version: PackedVersion
    signed_by: str
    envelope: Part


def unpack(package: Path, keys: PackageKeys, envelope: Path, signing_key: bytes) -> Unpacked:
    """Verify a package and write its model to `envelope`, signed with `signing_key`.

    Nothing of the manifest is parsed before its signature was verified, and nothing of the other members is
    more than hashed before their hashes were compared with it. No more than a chunk is in memory, but for the
    manifest, and the model once it is loaded as a trial.

    Raises:
        UntrustedPackage: it is signed by nobody whom this installation trusts.
        PackageError: it is damaged, or this release cannot use it.
    """
    with package.open("rb") as file:
        reader = PackageReader(file)
        text = reader.whole(MANIFEST, _MOST_MANIFEST)
        signed = keys.signer_of(text, reader.whole(SIGNATURE, SIGNATURE_BYTES))
        if signed is None:
            raise PackageError(f"The package is damaged: the signature does not fit its manifest. {AGAIN}")
        signed_by, trusted = signed
        if not trusted:
            raise UntrustedPackage(
                f"The package is signed with the key {signed_by}, which is neither this server's nor one "
                "that its operator trusts. An operator who knows the key for that of another installation "
                "(`pynomaly package-key` prints it there) adds it to PYNOMALY_MODEL_TRUSTED_KEYS."
            )
        manifest = read(text)
        for name in (CARD, CONFIG):
            _hashed(reader, name, manifest, _MOST_TEXT)
        with envelope.open("wb") as target:
            part = _signed_anew(reader, manifest, target, signing_key)
        reader.end()
    _check_loads(envelope, signing_key)
    return Unpacked(manifest.model, signed_by, part)


def _hashed(reader: PackageReader, name: str, manifest: Manifest, most: int) -> None:
    digest = hashlib.sha256()
    size = reader.open(name, most)
    for chunk in reader.chunks(size):
        digest.update(chunk)
    _check_part(name, manifest, Part(size, digest.hexdigest()))


def _signed_anew(reader: PackageReader, manifest: Manifest, target: IO[bytes], signing_key: bytes) -> Part:
    body, whole, signing = hashlib.sha256(), hashlib.sha256(), signer(signing_key)
    size = reader.open(MODEL, manifest.parts[MODEL].size)
    for chunk in reader.chunks(size):
        body.update(chunk)
        whole.update(chunk)
        signing.update(chunk)
        target.write(chunk)
    _check_part(MODEL, manifest, Part(size, body.hexdigest()))
    signature = signing.digest()
    whole.update(signature)
    target.write(signature)
    return Part(size + len(signature), whole.hexdigest())


def _check_part(name: str, manifest: Manifest, found: Part) -> None:
    if manifest.parts[name] != found:
        raise PackageError(f"The package is damaged: {name} is not the file that was signed. {AGAIN}")


def _check_loads(envelope: Path, signing_key: bytes) -> None:
    try:
        load_pipeline(envelope.read_bytes(), signing_key)
    except (EnvelopeError, DetectorError) as error:
        raise PackageError(f"This server cannot load the model of the package. {error}") from error
