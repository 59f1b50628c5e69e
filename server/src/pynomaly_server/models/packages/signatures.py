"""Who signed a package: one Ed25519 key (RFC 8032) per installation, and the keys of others that it trusts.

The own key follows from the server's secret key, so that nothing has to be kept and every process has it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SCHEME: Final = "ed25519:"
_PURPOSE: Final = b"pynomaly model package"
# What is signed cannot be taken for anything else that the key might sign one day.
_CONTEXT: Final = b"pynomaly model package\n"
_SIGNATURE: Final = re.compile(rb"(ed25519:[A-Za-z0-9+/]{43}=) ([A-Za-z0-9+/]{86}==)\n")
SIGNATURE_BYTES: Final = 8 + 44 + 1 + 88 + 1
_MOST_TRUSTED: Final = 100


def trusted_keys(text: str) -> frozenset[str]:
    """The public keys in `text`, separated by commas.

    Raises:
        ValueError: one of them is none.
    """
    keys = frozenset(part.strip() for part in text.split(",") if part.strip())
    if len(keys) > _MOST_TRUSTED:
        raise ValueError(f"{len(keys)} keys are more than {_MOST_TRUSTED}")
    for key in keys:
        _public(key)
    return keys


class PackageKeys:
    """Signs with the installation's key, and knows whose signatures count here.

    `trusted` are public keys as `public` has them. So is what `former` secret keys signed.
    """

    def __init__(
        self, secret_key: str, trusted: frozenset[str] = frozenset(), former: Sequence[str] = ()
    ) -> None:
        self._private = _private(secret_key)
        self.public: Final = _shown(self._private)
        self._trusted = trusted | {self.public} | {_shown(_private(secret)) for secret in former}

    def sign(self, manifest: bytes) -> bytes:
        """The signature file of a manifest; the same manifest has always the same."""
        signature = base64.b64encode(self._private.sign(_CONTEXT + manifest))
        return b"%s %s\n" % (self.public.encode(), signature)

    def signer_of(self, manifest: bytes, signature_file: bytes) -> tuple[str, bool] | None:
        """The public key that signed a manifest, and whether it is trusted; None where nobody signed this."""
        said = _SIGNATURE.fullmatch(signature_file)
        if said is None:
            return None
        key = said[1].decode()
        try:
            _public(key).verify(base64.b64decode(said[2], validate=True), _CONTEXT + manifest)
        except (InvalidSignature, ValueError):
            return None
        return key, key in self._trusted


def _private(secret_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(secret_key.encode(), _PURPOSE, "sha256"))


def _shown(private: Ed25519PrivateKey) -> str:
    return _SCHEME + base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _public(key: str) -> Ed25519PublicKey:
    """The key that this text is; raises `ValueError` where it is none."""
    scheme, _, encoded = key.partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raw = b""
    if f"{scheme}:" != _SCHEME or len(raw) != 32 or base64.b64encode(raw).decode() != encoded:
        raise ValueError(f"{key[:80]!r} is no public key; one is {_SCHEME} and 44 characters of base64")
    return Ed25519PublicKey.from_public_bytes(raw)
