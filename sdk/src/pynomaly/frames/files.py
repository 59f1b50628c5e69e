"""Files: their media type by extension, sent as they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pynomaly import remedies
from pynomaly.errors import DataError, MissingFileError
from pynomaly.transport.content import Content

JSON = "application/json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
NPY = "application/x-npy"

MEDIA_TYPES = {
    ".csv": CSV,
    ".tsv": CSV,
    ".json": JSON,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".arrow": ARROW,
    ".arrows": ARROW,
    ".ipc": ARROW,
    ".feather": ARROW,
    ".npy": NPY,
}
WORKBOOKS = (".ods", ".xls", ".xlsb", ".xlsm", ".xlsx")
"""Extensions of what is read on this machine, since servers take none of it."""
_ARROW_FILE_MAGIC = b"ARROW1"
_BOM = b"\xef\xbb\xbf"
_CHUNK = 256 * 1024


def existing_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that is there.

    Raises:
        MissingFileError: There is no such file.
        DataError: It is a folder, or something else that is no file.
    """
    file = Path(path).expanduser()
    if not file.exists():
        raise MissingFileError(
            f"There is no file {str(file)!r} (looked from {Path.cwd()}).", remedy=remedies.PATH_OR_ROWS
        )
    if not file.is_file():
        raise DataError(f"{str(file)!r} is not a file.", remedy=remedies.ONE_FILE)
    return file


def find_file(path: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return a file's path and media type.

    Raises:
        MissingFileError: There is no such file.
        DataError: Its extension, or its kind, is not one that can be sent.
    """
    file = existing_file(path)
    media_type = MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        known = ", ".join(sorted((*MEDIA_TYPES, *WORKBOOKS)))
        raise DataError(
            f"The extension {file.suffix!r} of {str(file)!r} does not say what the file holds; known are "
            f"{known}.",
            remedy=remedies.CONTENT_OR_SUFFIX,
        )
    if media_type == ARROW:
        with file.open("rb") as opened:
            if opened.read(len(_ARROW_FILE_MAGIC)) == _ARROW_FILE_MAGIC:
                raise DataError(
                    f"{str(file)!r} is in Arrow's file format (Feather), and only its stream format can be "
                    "sent.",
                    remedy=remedies.STREAM_FORMAT,
                )
    return file, media_type


class JsonRowsFile:
    """A JSON file of rows with the options around them, as a detection request; read again for every
    attempt."""

    def __init__(self, path: Path, options: Mapping[str, Any], skip: int) -> None:
        self._path = path
        self._skip = skip
        self._head = b'{"data":'
        self._tail = b"".join(
            b"," + json.dumps(name).encode() + b":" + json.dumps(value).encode()
            for name, value in options.items()
        )
        self._tail += b"}"

    @property
    def length(self) -> int:
        """Number of bytes in all."""
        return len(self._head) + self._path.stat().st_size - self._skip + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        with self._path.open("rb") as file:
            file.seek(self._skip)
            while chunk := file.read(_CHUNK):
                yield chunk
        yield self._tail


def json_request(path: Path, options: Mapping[str, Any]) -> Content:
    """Return the detection request of a JSON file, which holds either an array of rows or a whole request.

    Raises:
        DataError: It holds something else.
    """
    with path.open("rb") as file:
        start = file.read(1024)
    skip = len(_BOM) if start.startswith(_BOM) else 0
    first = start[skip:].lstrip()[:1]
    if first == b"[":
        rows = JsonRowsFile(path, options, skip)
        return Content(JSON, rows, rows.length)
    if first == b"{":
        request = _parse(path, skip)
        if isinstance(request, dict) and "data" in request:
            return Content(JSON, json.dumps({**request, **options}).encode())
    raise DataError(
        f'{str(path)!r} must hold an array of rows, or a request {{"data": [...]}}; '
        "for one object per line name it .ndjson."
    )


def _parse(path: Path, skip: int) -> Any:
    try:
        return json.loads(path.read_bytes()[skip:])
    except (ValueError, RecursionError) as exc:
        raise DataError(f"{str(path)!r} is not JSON: {exc}") from None
