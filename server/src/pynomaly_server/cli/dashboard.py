"""`pynomaly dashboard`: what Grafana and Prometheus need to watch this server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pynomaly_server.cli.commands import add_command
from pynomaly_server.runtime.faults import DataDirError


def register(commands: Any) -> None:
    """Add the command to `commands`, what `ArgumentParser.add_subparsers` returned."""
    what = "dashboards for Grafana and alert rules for Prometheus"
    dashboard = commands.add_parser("dashboard", help=what, description=f"{what[0].upper()}{what[1:]}.")
    actions = dashboard.add_subparsers(required=True, metavar="ACTION")
    export = add_command(actions, "export", _export, "write the dashboards and alert rules of this version")
    export.add_argument(
        "folder", type=Path, metavar="FOLDER", help="gets grafana/dashboards/*.json and prometheus/alerts.yml"
    )


def _export(arguments: argparse.Namespace) -> int:
    from pynomaly_server.telemetry.alerts import rules_file
    from pynomaly_server.telemetry.dashboards import DASHBOARDS, dashboard_file

    files = {
        Path("grafana", "dashboards", f"{dashboard.name}.json"): dashboard_file(dashboard)
        for dashboard in DASHBOARDS
    }
    files[Path("prometheus", "alerts.yml")] = rules_file()
    for path, text in files.items():
        target = arguments.folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        except OSError as fault:
            raise DataDirError(
                f"{target} cannot be written: {fault.strerror}. Name a folder that can be."
            ) from fault
        print(target)
    return 0
