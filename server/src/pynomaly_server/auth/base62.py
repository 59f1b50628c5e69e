"""Text of digits and letters alone, which survives every form, log and double click."""

from __future__ import annotations

import secrets
import string
from typing import Final

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase


def random_text(length: int) -> str:
    """`length` characters nobody can guess; 43 hold 256 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def encoded(number: int, length: int) -> str:
    """A number that is not negative, with zeros in front; what does not fit into `length` is cut off."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
