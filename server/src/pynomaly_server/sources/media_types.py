"""What format a table from elsewhere has, by what its server says or else by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.reading import MEDIA_TYPES

_ALIASES: Final[Mapping[str, str]] = {
    "application/csv": "text/csv",
    "application/ndjson": "application/x-ndjson",
    "application/jsonl": "application/x-ndjson",
    "application/x-jsonlines": "application/x-ndjson",
    "application/parquet": "application/vnd.apache.parquet",
    "application/x-parquet": "application/vnd.apache.parquet",
}
_EXTENSIONS: Final[Mapping[str, str]] = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".pq": "application/vnd.apache.parquet",
    ".arrows": "application/vnd.apache.arrow.stream",
    ".npy": "application/x-npy",
}


def media_type_of(shown: str, path: str, content_type: str | None) -> str:
    """The media type of a fetched table; `shown` names its source in the message.

    Raises:
        ProblemError: `bad-dataset`, where neither the content type nor the extension says it.
    """
    said = (content_type or "").partition(";")[0].strip().lower()
    said = _ALIASES.get(said, said)
    if said in MEDIA_TYPES:
        return said
    by_name = _EXTENSIONS.get(PurePosixPath(path).suffix.lower())
    if by_name is not None:
        return by_name
    raise ProblemError(
        "bad-dataset",
        f"The format of {shown} is unknown: its Content-Type is {said[:60]!r}. Serve it as one of "
        f"{', '.join(MEDIA_TYPES)}, or let its name end in one of {', '.join(_EXTENSIONS)}.",
    )
