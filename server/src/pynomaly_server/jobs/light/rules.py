"""How many light jobs go together, and for how long."""

from __future__ import annotations

from typing import Final

MOST_TOGETHER: Final = 32
"""Jobs that are claimed at once, and that one message to the workers stands for."""
TOGETHER_SECONDS: Final = 1.0
"""After this long, those that are not begun are given back, for other workers to take."""


def messages_for(light: int, others: int) -> int:
    """Messages to the workers that stand for so many light jobs and other pieces of work."""
    return others + -(-light // MOST_TOGETHER)
