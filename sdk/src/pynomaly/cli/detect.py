"""`pynomaly detect FILE`: the anomalies of a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import (
    add_algorithm,
    add_contamination,
    add_data_file,
    add_plain_command,
    add_series_options,
    series_options,
)
from pynomaly.cli.connect import connect
from pynomaly.cli.detections import add_output_options, check_output, print_result

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_plain_command(commands, "detect", run, "find the anomalies in a file")
    add_data_file(parser)
    add_algorithm(parser)
    add_contamination(parser)
    add_series_options(parser)
    add_output_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Detect and print."""
    check_output(arguments)
    with connect(arguments) as client:
        result = client.detect_anomalies(
            arguments.file,
            algorithm=arguments.algorithm,
            contamination=arguments.contamination,
            include_explanations=arguments.explain,
            **series_options(arguments),
        )
    return print_result(result, arguments)
