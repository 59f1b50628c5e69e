"""Encrypts what is stored, so that a copy of the database alone opens nothing.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits before each text. The key is derived from the
server's secret key by HKDF-SHA256 (RFC 5869) under a label for each use. What a text belongs to is bound
to it as associated data, so that one moved to another row opens as little as one that was changed.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12


class CannotOpenError(Exception):
    """The text was sealed under another key, belongs elsewhere, or was changed."""


class Seal:
    """Seals and opens texts under a key derived from the server's `secret_key` and a `label`."""

    def __init__(self, secret_key: str, label: bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret_key.encode())
        self._cipher = AESGCM(key)

    def close(self, text: bytes, belongs_to: bytes) -> bytes:
        """The sealed text: 28 bytes longer, and another one each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text, belongs_to)

    def open(self, sealed: bytes, belongs_to: bytes) -> bytes:
        """The text again; raises `CannotOpenError`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to)
        except (InvalidTag, ValueError):
            raise CannotOpenError from None
