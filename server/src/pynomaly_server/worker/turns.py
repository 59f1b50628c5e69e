"""In which order a process looks into its queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

IN_A_ROW: Final = 8
"""Messages of the first queue, one after another, behind which the others have a turn."""


class FirstBeforeOthers:
    """The first queue goes before the others, but one in `IN_A_ROW + 1` messages is of the others, so that
    a queue that is never empty starves none.

    Has the methods that kombu asks of a `queue_order_strategy`.
    """

    def __init__(self) -> None:
        self._queues: list[str] = []
        self._in_a_row = 0

    def update(self, queues: Sequence[str]) -> None:
        """These are the queues, the one to be preferred first."""
        self._queues = list(queues)

    def consume(self, count: int) -> list[str]:
        """The queues in the order in which the next message is looked for."""
        if self._in_a_row < IN_A_ROW:
            return self._queues[:count]
        return [*self._queues[1:], *self._queues[:1]][:count]

    def rotate(self, used: str) -> str:
        """A message was taken from this queue."""
        self._in_a_row = self._in_a_row + 1 if used in self._queues[:1] else 0
        return used
