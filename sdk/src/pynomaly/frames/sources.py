"""Tells the data sources of a job apart: what the server has already, and what is on this machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pynomaly._generated.models import RemoteSource

_DATASET_ID = re.compile(r"dts_[0-9a-f]{32}")
_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class DataSource:
    """One data source.

    Attributes:
        reference: The dataset's id or URL, or a URL with its credential; None for a file or table that has to
            be uploaded.
        key: The same for two mentions of the same thing.
        name: Name for the upload.
    """

    reference: str | RemoteSource | None
    key: object
    name: str | None = None


def data_source(source: Any) -> DataSource:
    """Look at one entry of `data_sources`."""
    from pynomaly._generated.models import RemoteSource

    if isinstance(source, str) and (_DATASET_ID.fullmatch(source) or "://" in source):
        return DataSource(source, source)
    if isinstance(source, RemoteSource):
        return DataSource(source, source.url)
    if isinstance(source, str | os.PathLike):
        path = Path(cast("str | os.PathLike[str]", source)).expanduser()
        return DataSource(None, path.resolve(), path.name[-_NAME_LENGTH:] or None)
    return DataSource(None, id(source))
