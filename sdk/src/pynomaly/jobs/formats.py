"""Formats that a whole result can be downloaded in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pynomaly import remedies
from pynomaly.errors import DataError
from pynomaly.saving import check_place

ResultFormat = Literal["ndjson", "csv", "parquet", "excel"]

MEDIA_TYPES: dict[str, str] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OF_SUFFIX = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
}


def download_target(path: str | os.PathLike[str], name: str | None) -> tuple[Path, str]:
    """Return where a result goes and its media type, by the format's `name` or else by the file's suffix.

    Raises:
        DataError: Neither is a format's.
        OSError: The file's folder is not there, or the path is a folder's.
    """
    target = Path(path)
    found = _OF_SUFFIX.get(target.suffix.lower(), "") if name is None else name
    if found not in MEDIA_TYPES:
        said = f"the suffix of {target.name!r}" if name is None else f"format={name!r}"
        raise DataError(
            f"Results are not downloaded as {said} says.",
            remedy=remedies.result_format(", ".join(MEDIA_TYPES), ", ".join(_OF_SUFFIX)),
        )
    check_place(target)
    return target, MEDIA_TYPES[found]
