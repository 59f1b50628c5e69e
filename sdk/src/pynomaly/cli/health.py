"""`pynomaly health`: how the server and its parts are."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_command
from pynomaly.cli.connect import anonymous
from pynomaly.cli.output import print_json, print_table

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    add_command(commands, "health", run, "check the server", "Check the server and its parts.")


def run(arguments: argparse.Namespace) -> int:
    """Print the state, which everybody may know; 1 unless everything is ok."""
    from pynomaly._generated.resources_sync import SystemResource
    from pynomaly.profile import find_settings

    address = find_settings(base_url=arguments.base_url).base_url
    with anonymous(address, arguments.timeout) as driver:
        health = SystemResource(driver).health_check()
    if arguments.json:
        print_json(health)
    else:
        sys.stdout.write(f"{health.status} (server {health.version})\n")
        rows = [[check.name, check.status, check.detail] for check in health.checks]
        print_table(["part", "status", "detail"], rows, keep=3)
    return 0 if health.status == "ok" else 1
