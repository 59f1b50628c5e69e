"""Finds what is shaped like a secret in text, and what could forge a line of a log."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "[hidden]"
_SECRET: Final = re.compile(
    r"py[nr]_[0-9A-Za-z]{8,12}_[0-9A-Za-z]{20,}"  # an API key, a refresh token
    r"|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*"  # an access token, or any other JWT
    r"|whsec_[0-9A-Za-z+/=]{16,}"  # the secret of a webhook endpoint
    r"|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"  # user and password in a URL
    r"|(?<=[Bb]earer )[^\s'\"]+"
    r"|(?i:(?<=[?&]x-amz-signature=)|(?<=[?&]x-amz-security-token=)|(?<=[?&]x-goog-signature=)|(?<=[?&]sig=))"
    r"[^&\s'\"]+"  # what signs a URL
)
# Ends of lines, cursor movements, and what turns the direction of writing round.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_IN_LINES: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def without_secrets(text: str) -> str:
    """`text` with `HIDDEN` for all that is shaped like a secret."""
    return _SECRET.sub(HIDDEN, text)


def on_one_line(text: str) -> str:
    r"""`text` with its control characters spelt out, such as `\n`, so that it passes for no line of ours."""
    return _CONTROL.sub(_spelt, text)


def in_lines(text: str) -> str:
    """The same for what has lines, such as a traceback: those and tabs stay."""
    return _CONTROL_IN_LINES.sub(_spelt, text)


def _spelt(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()
