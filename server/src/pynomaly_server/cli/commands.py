"""What the commands share: how one is added, how its faults are told, and where its server is.

Who runs a command of the client has these parsers made as well, so what runs a command is imported when one
is run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.settings import Settings

Handler = Callable[[argparse.Namespace], int]
FAILED: Final = 1
BAD_SETTINGS: Final = 2


def add_command(commands: Any, name: str, handler: Handler, what: str) -> argparse.ArgumentParser:
    """Add a command to `commands`, what `ArgumentParser.add_subparsers` returned; `what` is its help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}."
    )
    parser.set_defaults(handler=_with_faults_told(handler))
    return parser


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Let the command be told whose database it works on."""
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="data folder of the server")


def at_least_one(text: str) -> int:
    """An argument's type: a whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give 1 or more")
    return number


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings, with what the command line gives before what the environment says."""
    from pynomaly_server.settings import Settings
    from pynomaly_server.telemetry.tracing import check as check_tracing

    given = {name: getattr(arguments, name, None) for name in ("host", "port", "data_dir", "workers")}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    check_tracing(settings)
    return settings


def _with_faults_told(handler: Handler) -> Handler:
    """Turn the faults a person can mend into a message and an exit status."""

    def told(arguments: argparse.Namespace) -> int:
        from pynomaly_server.settings import SettingsError

        try:
            return handler(arguments)
        except SettingsError as fault:
            print(fault, file=sys.stderr)
            return BAD_SETTINGS
        except RuntimeFault as fault:
            print(f"pynomaly: {fault}", file=sys.stderr)
            return FAILED

    return told
