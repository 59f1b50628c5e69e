"""`pynomaly backup` and `pynomaly restore`: a whole server as one file, and back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pynomaly_server.cli.commands import add_command, add_data_dir, settings_of
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.backup.archive import Contents

Answer = TypeVar("Answer")


def register(commands: Any) -> None:
    """Add `backup` and `restore` to `commands`, what `ArgumentParser.add_subparsers` returned."""
    backup = add_command(commands, "backup", _backup, "write everything that the server keeps to one file")
    backup.add_argument("target", type=Path, metavar="FILE", help="a new file, or a folder to make one in")
    restore = add_command(commands, "restore", _restore, "make an empty server what it was in a backup")
    restore.add_argument("source", type=Path, metavar="FILE", help="what `pynomaly backup` wrote")
    restore.add_argument("--check", action="store_true", help="only say whether the file is sound")
    for command in (backup, restore):
        add_data_dir(command)


def _backup(arguments: argparse.Namespace) -> int:
    from pynomaly_server.backup.service import back_up

    settings = settings_of(arguments)
    path, contents = _told(lambda: back_up(settings, arguments.target))
    print(f"{path} has {_described(contents)}, and the server's secret key.")
    print("Only its owner may read it (mode 0600), and whoever has it has everything: keep it as the key.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from pynomaly_server.backup.archive import Archive
    from pynomaly_server.backup.service import restore
    from pynomaly_server.runtime.data_dir import DataDir

    archive = _told(lambda: Archive(arguments.source))
    contents = archive.contents
    print(f"{archive.path} is sound: {_described(contents)}, taken {contents.made_at} by {contents.version}.")
    if arguments.check:
        return 0
    settings = settings_of(arguments)
    with ExitStack() as stack:
        if settings.database_url.startswith("sqlite"):
            data = DataDir(settings.data_dir)
            data.take()
            stack.callback(data.release)
        _told(lambda: restore(settings, archive))
    print("Restored, and compared with the backup row by row and object by object.")
    if settings.secret_key is None:
        print(f"The secret key is in {settings.data_dir / 'secret.key'}.")
    return 0


def _described(contents: Contents) -> str:
    return (
        f"{contents.rows:,} rows of {len(contents.tables)} tables, {contents.objects:,} objects "
        f"of {contents.object_bytes:,} bytes"
    )


def _told(work: Callable[[], Answer]) -> Answer:
    from pynomaly_server.backup.archive import BackupError

    try:
        return work()
    except BackupError as fault:
        raise RuntimeFault(str(fault)) from None
