"""Signs messages by the Standard Webhooks scheme, version 1.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).

The signature is the HMAC-SHA256 of `id.timestamp.body` under the endpoint's secret, in base64 behind `v1,`;
while two secrets are valid, there is one for each, separated by a space.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"


class Secrets:
    """The secrets of endpoints, which nothing keeps.

    A secret is 32 bytes derived from the server's secret key, the endpoint's id and a version number
    (HMAC-SHA256 under a key of its own). So there is none to steal from the database; in turn, with
    another secret key of the server they are others, and messages are signed with those of before too.
    """

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"pynomaly webhook", "sha256")

    def secret(self, endpoint_id: str, version: int) -> bytes:
        """The secret itself."""
        return hmac.digest(self._key, f"{endpoint_id}\0{version}".encode(), "sha256")

    def shown(self, endpoint_id: str, version: int) -> str:
        """The secret in the form that receivers are given."""
        return PREFIX + base64.b64encode(self.secret(endpoint_id, version)).decode()


def signed_headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of a message, sent at `timestamp` (seconds since 1970), newest secret first."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, content, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
