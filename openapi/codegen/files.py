"""Writes the generated rooms to disk, or says where the disk differs from them."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codegen.rooms import Room


def write(rooms: tuple[Room, ...], root: Path) -> list[str]:
    """Make the folders exactly what the rooms say; returns one line for each file written or removed.

    Each file is replaced in one step, so that a reader never sees half of one.
    """
    changed: list[str] = []
    for room in rooms:
        folder = root / room.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in room.files.items():
            file = folder / name
            if not file.is_file() or file.read_bytes() != text.encode():
                _replace(file, text.encode())
                changed.append(f"wrote {room.folder}/{name}")
        for stale in _strangers(folder, room):
            stale.unlink()
            changed.append(f"removed {room.folder}/{stale.name}")
    return changed


def compare(rooms: tuple[Room, ...], root: Path) -> list[str]:
    """Say of each file in which way it is not what the rooms say."""
    faults: list[str] = []
    for room in rooms:
        folder = root / room.folder
        for name, text in room.files.items():
            file = folder / name
            if not file.is_file():
                faults.append(f"{room.folder}/{name}: is missing; run `make generate`.")
            elif file.read_bytes() != text.encode():
                faults.append(
                    f"{room.folder}/{name}: differs from the contract; run `make generate`, do not edit it."
                )
        faults += [
            f"{room.folder}/{stale.name}: does not belong into a generated folder; remove it."
            for stale in _strangers(folder, room)
        ]
    return faults


def _strangers(folder: Path, room: Room) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.is_file() and file.name not in room.files)


def _replace(file: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o644)  # noqa: PTH101 - mkstemp gives a name and a descriptor, and makes the file private
        os.replace(name, file)  # noqa: PTH105 - as above
    except BaseException:
        os.unlink(name)  # noqa: PTH108 - as above
        raise
