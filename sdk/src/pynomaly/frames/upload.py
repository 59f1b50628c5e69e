"""Makes the upload of whatever the caller passed as a dataset, and shows how far it is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pynomaly.frames.prepare import prepare_table
from pynomaly.frames.sources import data_source
from pynomaly.progress import Display, Progress, duration, open_display
from pynomaly.transport.content import Content

_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Upload:
    """A table ready to be sent, and its name.

    Attributes:
        content: The body.
        name: What the dataset will be called; None where nothing says it.
    """

    content: Content
    name: str | None

    @contextmanager
    def watched(self, *, progress: bool) -> Generator[Content]:
        """The body, with its progress shown while the block runs where `progress` says so."""
        if not progress:
            yield self.content
            return
        shown = UploadBar(self.content.size())
        try:
            yield replace(self.content, watch=shown.update)
        finally:
            shown.close()


def prepare_upload(data: Any, name: str | None = None) -> Upload:
    """Make the upload of a table; a file's name is the dataset's unless another is given.

    Raises:
        DataError: `data` is nothing that can be sent.
        FileNotFoundError: It is a path without a file.
    """
    return Upload(prepare_table(data), name or data_source(data).name)


def upload_key(idempotency_key: str | None, number: int) -> str | None:
    """The key of the upload `number` that belongs to a submission with a key; None where it has none."""
    if idempotency_key is None:
        return None
    # A hash, because a key of the greatest length leaves no room for the number.
    return hashlib.sha256(f"{idempotency_key}\0{number}".encode()).hexdigest()


class UploadBar:
    """Shows how many bytes of an upload are sent.

    Args:
        total: Bytes in all; None where nobody knows.
        display: Where to show it; the best there is where None.
        now: A monotonic clock in seconds.
    """

    def __init__(
        self, total: int | None, display: Display | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._display = display or open_display()
        self._now = now
        self._began: float | None = None
        self._sent = 0

    def update(self, sent: int) -> None:
        """Show that `sent` bytes are sent; fewer than before begin another attempt."""
        now = self._now()
        if self._began is None or sent < self._sent:
            self._began = now
        self._sent = sent
        self._display.show(self._progress(sent, now - self._began), now)

    def close(self) -> None:
        """Nothing more follows."""
        self._display.close()

    def _progress(self, sent: int, elapsed: float) -> Progress:
        size = f"{sent / _MEGABYTE:,.1f}"
        rate = sent / elapsed if elapsed > 0 else 0.0
        speed = f", {rate / _MEGABYTE:,.1f} MB/s" if rate else ""
        if not self._total:
            return Progress("uploading", None, f"{size} MB{speed}", "upload")
        detail = f"{size}/{self._total / _MEGABYTE:,.1f} MB{speed}"
        if sent >= self._total:
            return Progress("uploading", 1.0, f"{detail}, the server reads it", "sent")
        if rate:
            detail += f", {duration((self._total - sent) / rate)} left"
        return Progress("uploading", sent / self._total, detail, "upload")
