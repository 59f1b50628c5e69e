"""Reads `Retry-After`, a number of seconds or an HTTP date (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

_MOST_DIGITS: Final = 10


def seconds_to_wait(value: str | None, *, now: float) -> float | None:
    """The seconds asked for, from 0 on; None where the header is missing or says nothing.

    Args:
        value: the header, from somebody who is not to be trusted.
        now: seconds since 1970, to measure a date against.
    """
    text = "" if value is None else value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:_MOST_DIGITS])
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - now)
    except (ValueError, OverflowError):
        return None
