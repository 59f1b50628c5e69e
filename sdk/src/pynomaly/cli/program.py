"""The command line: reads arguments, runs a command, turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from pynomaly._version import __version__
from pynomaly.cli import algorithms, batch, datasets, detect, health, keys, login, users
from pynomaly.errors import ConfigurationError, DataError, PynomalyError

if TYPE_CHECKING:
    # argparse keeps the class of its subparsers to itself.
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

ENTRY_POINTS = "pynomaly.commands"
_FAILED, _MISUSED, _INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns 0 where it succeeded, 1 where it failed, 2 where it was called wrongly.

    Args:
        argv: Arguments without the program's name; those of the process where None.
    """
    warnings.formatwarning = _warning_line
    parser = _parser()
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
    except (ConfigurationError, DataError, FileNotFoundError) as exc:
        return _complain(exc, _MISUSED)
    except (PynomalyError, OSError) as exc:
        return _complain(exc, _FAILED)
    return code


def _complain(exc: Exception, code: int) -> int:
    text = " ".join(str(exc).split())
    sys.stderr.write(f"pynomaly: {text}\n")
    return code


def _warning_line(message: Any, *_rest: Any, **_named: Any) -> str:
    return f"pynomaly: warning: {message}\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pynomaly", description="Find anomalies in data.")
    parser.add_argument("--version", action="version", version=f"pynomaly {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    detect.register(commands)
    datasets.register(commands)
    batch.register(commands)
    algorithms.register(commands)
    health.register(commands)
    login.register(commands)
    users.register(commands)
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        _register(entry, commands)
    if "keys" not in commands.choices:
        # The server brings its own, which also works on its database.
        keys.register(commands)
    return parser


def _register(entry: EntryPoint, commands: Subparsers) -> None:
    # A distribution that cannot be loaded must not take the other commands away.
    try:
        entry.load()(commands)
    except Exception as exc:  # noqa: BLE001
        sys.stderr.write(
            f"pynomaly: the commands of {entry.value} cannot be loaded: {type(exc).__name__}: {exc}\n"
        )
