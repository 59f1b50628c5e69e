"""Signed bytes: a fixed head, two parts, and an HMAC-SHA256 over all of it.

    magic     8 bytes   "PYNOMALY"
    version   4 bytes   little-endian, the form of the parts
    lengths   2 x 8     little-endian, of the header and of the arrays
    header              JSON, UTF-8
    arrays              safetensors
    signature 32 bytes  HMAC-SHA256 (RFC 2104) of everything before it

Nothing but the lengths is looked at before the signature has been verified, and they only to tell a file cut
short from one that was changed.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Final

from pynomaly_server.detectors.envelope.errors import BadSignature, CorruptEnvelope, UnsupportedVersion

MAGIC: Final = b"PYNOMALY"
VERSION: Final = 1
LEAST_KEY_BYTES: Final = 32

_HEAD: Final = struct.Struct("<8sIQQ")
SIGNATURE_BYTES: Final = hashlib.sha256().digest_size
# The same secret may sign other things; what it signs there must be worth nothing here.
_PURPOSE: Final = b"pynomaly envelope"


def seal(header: bytes, arrays: bytes, key: bytes, version: int = VERSION) -> bytes:
    """Both parts signed with `key`, at least 32 bytes.

    Raises:
        ValueError: the key is shorter.
    """
    body = _HEAD.pack(MAGIC, version, len(header), len(arrays)) + header + arrays
    return body + _signature(body, key)


def unseal(data: bytes | memoryview, key: bytes) -> tuple[memoryview, memoryview]:
    """The header and the arrays, once their signature has been verified.

    Raises:
        CorruptEnvelope: the bytes are no envelope, or were cut short.
        BadSignature: a byte was changed, or the key is another one.
        UnsupportedVersion: it is signed, in a form that this version does not know.
        ValueError: the key is shorter than 32 bytes.
    """
    view = memoryview(data)
    if len(view) < _HEAD.size + SIGNATURE_BYTES:
        raise CorruptEnvelope(
            f"This is no envelope: {len(view)} bytes are fewer than its head and signature take. "
            "Get the file again from where it was made."
        )
    body, signature = view[:-SIGNATURE_BYTES], view[-SIGNATURE_BYTES:]
    if not hmac.compare_digest(_signature(body, key), signature):
        raise _refusal(view)
    _, version, header_bytes, _ = _HEAD.unpack_from(body)
    if version != VERSION:
        raise UnsupportedVersion(
            f"The envelope has version {version}; this release reads version {VERSION}. "
            "Load it with the release that made it, or train the model anew."
        )
    end = _HEAD.size + header_bytes
    return body[_HEAD.size : end], body[end:]


def signer(key: bytes) -> hmac.HMAC:
    """Signs a body that comes piece by piece: its `digest()` once it was fed all of it.

    Raises:
        ValueError: the key is shorter than 32 bytes.
    """
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"the key of an envelope has at least {LEAST_KEY_BYTES} bytes, not {len(key)}")
    return hmac.new(hmac.digest(key, _PURPOSE, "sha256"), digestmod="sha256")


def _refusal(view: memoryview) -> CorruptEnvelope | BadSignature:
    magic, _, header_bytes, array_bytes = _HEAD.unpack_from(view)
    if magic != MAGIC:
        return CorruptEnvelope(
            f"This is no envelope: it does not begin with {MAGIC.decode()}. Say a file that `dumps` made."
        )
    expected = _HEAD.size + header_bytes + array_bytes + SIGNATURE_BYTES
    if len(view) < expected:
        return CorruptEnvelope(
            f"The envelope is cut short: {len(view)} of {expected} bytes are there. "
            "Get the file again from where it was made."
        )
    return BadSignature(
        "The signature does not fit: the envelope was changed since it was signed, or signed with another "
        "key. Load it with the key it was made with; if that fails, do not use it and train the model anew."
    )


def _signature(body: bytes | memoryview, key: bytes) -> bytes:
    signing = signer(key)
    signing.update(body)
    return signing.digest()
