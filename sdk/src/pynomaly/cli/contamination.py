"""The option `--contamination`."""

from __future__ import annotations

import argparse
from typing import Literal


def contamination(text: str) -> float | Literal["auto"]:
    """Read the option's value."""
    if text == "auto":
        return "auto"
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number in (0, 0.5] nor auto") from None
