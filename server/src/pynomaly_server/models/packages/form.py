"""How a package is laid out: a tar archive (POSIX.1-1988 ustar) of five members in this order.

    manifest.json     what the version is, and the size and SHA-256 of every member behind the signature
    manifest.sig      who signed the manifest, and the signature
    model-card.md     the version for people to read
    config.yaml       what it was trained with
    model.envelope    the model: an envelope without its signature (docs/envelope.md)

Any program for tar archives opens it. Headers hold nothing but name and size, so that there is one header for
each member, and one file for each content. Whoever reads compares the headers instead of believing them.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from pynomaly_server.models.packages.errors import PackageError
from pynomaly_server.storage.objects import READ_BYTES

MEDIA_TYPE: Final = "application/vnd.pynomaly.model-package"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
CARD: Final = "model-card.md"
CONFIG: Final = "config.yaml"
MODEL: Final = "model.envelope"
END: Final = bytes(2 * tarfile.BLOCKSIZE)
_SIZE_FIELD: Final = slice(124, 135)
_NAME_FIELD: Final = slice(0, 100)
AGAIN: Final = "Get the file again from where it was made."


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of a member."""

    size: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Part:
        """The part that these bytes are."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


def header(name: str, size: int) -> bytes:
    """The one header of a member with this name and size."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.USTAR_FORMAT)


def padding(size: int) -> bytes:
    """What fills the last block of a member."""
    return bytes(-size % tarfile.BLOCKSIZE)


def member(name: str, data: bytes) -> bytes:
    """A whole member."""
    return header(name, len(data)) + data + padding(len(data))


class PackageReader:
    """Reads members one after the other, and nothing that is not where it has to be.

    Every method raises `PackageError` where the file is not laid out so.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def open(self, name: str, most: int) -> int:
        """Go into the next member, which is called `name` and has at most `most` bytes; returns its size."""
        block = self._read(tarfile.BLOCKSIZE)
        if block[_NAME_FIELD].rstrip(b"\0") != name.encode():
            if name == MANIFEST:
                raise PackageError(
                    f"This is no package of a model: it does not begin with {MANIFEST}. Send a file that "
                    "packageModel gave, as it is."
                )
            raise PackageError(f"The package is damaged: {name} is not where it has to be. {AGAIN}")
        digits = block[_SIZE_FIELD]
        size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else -1
        if size < 0 or header(name, size) != block:
            raise PackageError(
                f"The package is damaged: the header of {name} is not as it has to be. {AGAIN}"
            )
        if size > most:
            raise PackageError(
                f"The package cannot be used: {name} has {size:,} bytes, and {most:,} are the most. "
                "Send a file that packageModel gave, as it is."
            )
        return size

    def chunks(self, size: int) -> Iterator[bytes]:
        """The bytes of the member that `open` went into."""
        left = size
        while left:
            chunk = self._read(min(READ_BYTES, left))
            left -= len(chunk)
            yield chunk
        if any(self._read(len(padding(size)))):
            raise PackageError(f"The package is damaged: there is something between its members. {AGAIN}")

    def whole(self, name: str, most: int) -> bytes:
        """The bytes of the next member."""
        return b"".join(self.chunks(self.open(name, most)))

    def end(self) -> None:
        """Find the end of the archive, and nothing behind it."""
        if self._read(len(END)) != END or self._file.read(1):
            raise PackageError(f"The package is damaged: its end is not as it has to be. {AGAIN}")

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise PackageError(f"The package is cut short. {AGAIN}")
        return data
