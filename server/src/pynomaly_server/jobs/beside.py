"""A thread that looks up now and then while work is done, until that is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Beside:
    """Calls `look` from a thread every `pause` seconds for the length of the block.

    Each of those who look after a claim has one of its own: what waits for a database that is away must not
    keep the other from ending a process that takes all memory.

    Args:
        name: of the thread.
        pause: seconds from one look to the next.
        look: whether to go on.
    """

    def __init__(self, name: str, pause: float, look: Callable[[], bool]) -> None:
        self._pause = pause
        self._look = look
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def is_over(self, within: float) -> bool:
        """Whether the work has come to its end, or does `within` so many seconds."""
        return self._over.wait(within)

    def _run(self) -> None:
        while not self._over.wait(self._pause):
            if not self._look():
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
