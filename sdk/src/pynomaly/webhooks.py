"""Verifies the messages that a Pynomaly server sends to webhooks; needs nothing but the standard library.

The scheme is Standard Webhooks, version 1.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the header
`webhook-signature` holds the base64 of the HMAC-SHA256 of `id.timestamp.body`, once for each secret that is
valid.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pynomaly.errors import WebhookVerificationError

__all__ = ["WebhookEvent", "WebhookVerificationError", "verify"]

_PREFIX = "whsec_"
_MOST_SIGNATURES = 20


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A message that was verified; `type` and `timestamp` are None where another sender left them out.

    Attributes:
        id: The same each time the message is sent, also by hand; drop those you have seen.
        type: What happened, such as `job.succeeded`.
        timestamp: When it happened (UTC).
        data: What the message says of it.
        content: The whole message.
    """

    id: str
    type: str | None
    timestamp: datetime | None
    data: dict[str, Any]
    content: dict[str, Any]


def verify(
    payload: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = 300,
) -> WebhookEvent:
    """Check that a message comes from the server that shares the secret, is whole and recent.

    Args:
        payload: The body exactly as it came; a body parsed and written again is another one.
        headers: The request's headers, whatever the case of their names.
        secret: The endpoint's secret (`whsec_…`), or several of which one has to fit, as during a rotation.
        tolerance: Seconds that the message's time may differ from this machine's clock; `math.inf` for any.

    Returns:
        The message.

    Raises:
        WebhookVerificationError: It is not to be trusted; the message says which part of it.
        ValueError: The secret is none, or the tolerance is negative.
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance is {tolerance!r}, but must be a number of seconds from 0.")
    keys = [_key(one) for one in ([secret] if isinstance(secret, str) else secret)]
    if not keys:
        raise ValueError("There is no secret; give the endpoint's whsec_….")
    body = payload.encode() if isinstance(payload, str) else bytes(payload)
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (
        _header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature")
    )
    _check_time(timestamp, tolerance)
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [hmac.digest(key, signed, "sha256") for key in keys]
    candidates = [_decoded(part[3:]) for part in signatures.split()[:_MOST_SIGNATURES] if part[:3] == "v1,"]
    # Every pair is compared, so that the time taken tells nothing of which one fitted.
    fits = [hmac.compare_digest(one, candidate) for one in expected for candidate in candidates]
    if not any(fits):
        raise WebhookVerificationError(
            "No signature in webhook-signature fits this body and secret. Pass the body as the bytes that "
            "came, and the secret of this endpoint."
        )
    return _event(message_id, body)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not key:
        raise ValueError("The secret is not whsec_ and base64; take it as it was shown when it was made.")
    return key


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise WebhookVerificationError(f"The header {name} is missing, so this is no signed message.")
    return value


def _check_time(timestamp: str, tolerance: float) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise WebhookVerificationError("The header webhook-timestamp is no number of seconds since 1970.")
    difference = time.time() - int(timestamp)
    if not math.isinf(tolerance) and abs(difference) > tolerance:
        raise WebhookVerificationError(
            f"The message is {abs(difference):.0f} s {'old' if difference > 0 else 'ahead'}, but "
            f"{tolerance:g} s are tolerated. It is a replay, or one of the two clocks is wrong."
        )


def _event(message_id: str, body: bytes) -> WebhookEvent:
    try:
        document: object = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise WebhookVerificationError("The signature fits, but the body is no JSON object.")
    content = cast("dict[str, Any]", document)
    kind, moment, data = (content.get(name) for name in ("type", "timestamp", "data"))
    return WebhookEvent(
        id=message_id,
        type=kind if isinstance(kind, str) else None,
        timestamp=_moment(moment),
        data=cast("dict[str, Any]", data) if isinstance(data, dict) else {},
        content=content,
    )


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
