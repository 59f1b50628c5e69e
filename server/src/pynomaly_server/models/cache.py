"""Loaded models within a budget of bytes; two callers that need the same one share the loading."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.shared_lookups import SharedLookups

BYTES_PER_ARTEFACT_BYTE: Final = 2
"""How much memory a loaded model takes per byte of its artefact, at most; see docs/envelope.md."""


class ModelCache:
    """Keeps the models that were used last. A version never changes, so nothing in here grows old.

    Args:
        max_bytes: Memory for all models together; one that is larger than that is loaded each time.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, tuple[int, FittedPipeline]] = OrderedDict()
        self._loading: SharedLookups[str, FittedPipeline] = SharedLookups()
        self.used_bytes = 0

    async def get(
        self, key: str, artefact_bytes: int, load: Callable[[], Awaitable[FittedPipeline]]
    ) -> FittedPipeline:
        """The model of this artefact; raises what `load` does, to everybody who waits for it.

        A caller that hangs up does not end the loading, so that the next one finds it done.
        """
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept[1]
        size = artefact_bytes * BYTES_PER_ARTEFACT_BYTE
        return await self._loading.get(key, lambda: self._load(key, size, load))

    async def _load(
        self, key: str, size: int, load: Callable[[], Awaitable[FittedPipeline]]
    ) -> FittedPipeline:
        model = await load()
        if size <= self._max_bytes:
            self._kept[key] = (size, model)
            self.used_bytes += size
            while self.used_bytes > self._max_bytes:
                _, (freed, _) = self._kept.popitem(last=False)
                self.used_bytes -= freed
        return model
