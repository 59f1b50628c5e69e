"""`pynomaly package-key`: the public key that other installations trust, to take this one's models."""

from __future__ import annotations

import argparse
from typing import Any

from pynomaly_server.cli.commands import add_command, add_data_dir, settings_of
from pynomaly_server.runtime.faults import RuntimeFault


def register(commands: Any) -> None:
    """Add the command to `commands`, what `ArgumentParser.add_subparsers` returned."""
    what = "print the public key that signs this server's packages of models"
    parser = add_command(commands, "package-key", _package_key, what)
    add_data_dir(parser)


def _package_key(arguments: argparse.Namespace) -> int:
    from pynomaly_server.models.packages.signatures import PackageKeys

    settings = settings_of(arguments)
    if settings.secret_key is None:
        raise RuntimeFault(
            f"There is no server's secret key in {settings.data_dir}, and PYNOMALY_SECRET_KEY is not set. "
            "Name the server's data folder with --data-dir, or start one with `pynomaly serve`."
        )
    print(PackageKeys(settings.secret_key.get_secret_value()).public)
    return 0
