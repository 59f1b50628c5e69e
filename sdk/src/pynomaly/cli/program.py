"""The command line: reads arguments, runs a command, turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pynomaly._version import __version__
from pynomaly.cli import (
    algorithms,
    batch,
    completion,
    config,
    datasets,
    detect,
    evaluate,
    health,
    keys,
    login,
    models,
    train,
    users,
)
from pynomaly.cli.output import complain
from pynomaly.errors import (
    AuthenticationError,
    ConfigurationError,
    DataError,
    MissingFileError,
    PynomalyError,
)

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers

ENTRY_POINTS = "pynomaly.commands"
_FAILED, _MISUSED, _INTERRUPTED = 1, 2, 130
_OF_FILES = {
    errno.EACCES: "See that you may use it, or name another",
    errno.EISDIR: "It is a folder; name a file",
    errno.ENOENT: "Make the folder it is in first, or name another",
    errno.ENOSPC: "Make room, or name another place",
    errno.ENOTDIR: "What it is in is no folder; name another",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    0 where it succeeded, 1 where the server refused it or did not answer, 2 where nothing can be done with
    what was given (arguments, settings, files), 130 where it was interrupted.

    Args:
        argv: Arguments without the program's name; those of the process where None.
    """
    warnings.formatwarning = _warning_line
    parser = make_parser()
    arguments = parser.parse_args(argv)
    handler: Callable[[argparse.Namespace], int] | None = getattr(arguments, "handler", None)
    if handler is None:
        parser.print_help()
        return _MISUSED
    try:
        code = handler(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python must not complain about it while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (ConfigurationError, DataError, MissingFileError) as exc:
        complain(exc.shell_text())
        return _MISUSED
    except AuthenticationError as exc:
        # A refused password was given just now.
        found = "" if handler is login.run else " `pynomaly config` says which was used."
        complain(f"{exc.shell_text()}{found}")
        return _FAILED
    except PynomalyError as exc:
        complain(exc.shell_text())
        return _FAILED
    except OSError as exc:
        complain(_about_file(exc))
        return _MISUSED
    except ValidationError as exc:
        complain(_about_values(exc))
        return _MISUSED
    return code


def _about_file(exc: OSError) -> str:
    if exc.filename is None or exc.strerror is None:
        return str(exc)
    remedy = _OF_FILES.get(exc.errno or 0, "See to that, or name another")
    return f"{os.fsdecode(exc.filename)}: {exc.strerror}. {remedy}."


def _about_values(exc: ValidationError) -> str:
    """What pydantic says of a value, without the value: it may be a secret."""
    faults = exc.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)


def _warning_line(message: Any, *_rest: Any, **_named: Any) -> str:
    return f"pynomaly: warning: {message}\n"


def make_parser() -> argparse.ArgumentParser:
    """The parser of every command that is installed."""
    parser = argparse.ArgumentParser(prog="pynomaly", description="Find anomalies in data.")
    parser.add_argument("--version", action="version", version=f"pynomaly {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    detect.register(commands)
    evaluate.register(commands)
    train.register(commands)
    models.register(commands)
    datasets.register(commands)
    batch.register(commands)
    algorithms.register(commands)
    health.register(commands)
    login.register(commands)
    users.register(commands)
    config.register(commands)
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        _register(entry, commands)
    if "keys" not in commands.choices:
        # The server brings its own, which also works on its database.
        keys.register(commands)
    if "jobs" not in commands.choices:
        batch.register_jobs(commands)
    completion.register(commands, parser)
    return parser


def _register(entry: EntryPoint, commands: Subparsers) -> None:
    # A distribution that cannot be loaded must not take the other commands away.
    try:
        entry.load()(commands)
    except Exception as exc:  # noqa: BLE001
        sys.stderr.write(
            f"pynomaly: the commands of {entry.value} cannot be loaded: {type(exc).__name__}: {exc}\n"
        )
