"""Arguments that several commands take, each said once."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    # argparse keeps the class of its subparsers to itself.
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

Handler = Callable[[argparse.Namespace], int]


def add_command(
    commands: Subparsers, name: str, handler: Handler, what: str, description: str | None = None
) -> argparse.ArgumentParser:
    """Add a command that asks the server and prints what it answers, for people or with `--json`.

    Args:
        commands: Where it is added.
        name: Its name.
        handler: Runs it and gives the exit status.
        what: What it does in a few words, for the list of commands.
        description: The same at length, where `what` does not say it all.
    """
    parser = add_plain_command(commands, name, handler, what, description)
    add_json_option(parser)
    add_connection_options(parser)
    return parser


def add_plain_command(
    commands: Subparsers, name: str, handler: Handler, what: str, description: str | None = None
) -> argparse.ArgumentParser:
    """Add a command without the options of `add_command`."""
    parser = commands.add_parser(name, help=what, description=description or _sentence(what))
    parser.set_defaults(handler=handler)
    return parser


def add_group(commands: Subparsers, name: str, what: str, description: str | None = None) -> Subparsers:
    """Add a command that is only a name for several actions; returns what they are added to."""
    parser = commands.add_parser(name, help=what, description=description or _sentence(what))
    return parser.add_subparsers(required=True, metavar="ACTION")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """Add `--base-url` and `--timeout`. The key is no option: other users can see a command line."""
    parser.add_argument(
        "--base-url", metavar="URL", help="address of the server (default: PYNOMALY_BASE_URL, the profile)"
    )
    add_timeout_option(parser)


def add_timeout_option(parser: argparse.ArgumentParser) -> None:
    """Add `--timeout`."""
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="time for the whole call")


def add_data_file(parser: argparse.ArgumentParser) -> None:
    """Add `FILE`, a table."""
    parser.add_argument("file", metavar="FILE", help="CSV, Parquet, JSON, NDJSON, Arrow stream or NPY file")


def add_algorithm(parser: argparse.ArgumentParser) -> None:
    """Add `--algorithm`."""
    parser.add_argument("--algorithm", metavar="NAME", help="algorithm (default: isolation_forest)")


def add_contamination(parser: argparse.ArgumentParser) -> None:
    """Add `--contamination`."""
    parser.add_argument(
        "--contamination",
        type=contamination,
        metavar="SHARE",
        help="expected share of anomalies in (0, 0.5], or auto",
    )


def add_series_options(parser: argparse.ArgumentParser) -> None:
    """Add `--timestamp-column`, `--series-column` and `--windows`, for rows that are ordered in time."""
    parser.add_argument(
        "--timestamp-column", metavar="NAME", help="column that orders the rows in time: they are time series"
    )
    parser.add_argument("--series-column", metavar="NAME", help="column that tells several series apart")
    parser.add_argument(
        "--windows",
        type=windows,
        metavar="LENGTH",
        help="put an algorithm for tables on sliding windows of this many ordered rows",
    )


def series_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `add_series_options` has read, as arguments of a detection."""
    return {
        "timestamp_column": arguments.timestamp_column,
        "series_column": arguments.series_column,
        "windows": arguments.windows,
    }


def add_limit(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--limit` to a list of `what`."""
    parser.add_argument("--limit", type=count, default=50, metavar="N", help=f"most {what} (default: 50)")


def contamination(text: str) -> float | Literal["auto"]:
    """Read the option `--contamination`."""
    if text == "auto":
        return "auto"
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number in (0, 0.5] nor auto")
    return share


def count(text: str) -> int:
    """Read a number of things to show."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return number


def windows(text: str) -> int:
    """Read the length of sliding windows; the server says how long they may be."""
    try:
        length = int(text)
    except ValueError:
        length = 0
    if length < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of rows from 1 on")
    return length


def seconds(text: str) -> float:
    """Read a length of time."""
    try:
        length = float(text)
    except ValueError:
        length = math.nan
    if not length > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return length


def _sentence(what: str) -> str:
    return f"{what[0].upper()}{what[1:]}."
