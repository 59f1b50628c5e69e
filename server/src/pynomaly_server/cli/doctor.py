"""`pynomaly doctor`: how the server and what it stands on are, and what to do."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any, Final

from pynomaly_server.cli.commands import FAILED, add_command, add_data_dir, settings_of

_MARKS: Final = {"ok": "ok     ", "warning": "WARNING", "fault": "FAULT  ", "skipped": "skipped"}


def register(commands: Any) -> None:
    """Add the command to `commands`, what `ArgumentParser.add_subparsers` returned."""
    doctor = add_command(
        commands, "doctor", _doctor, "look over settings, database, broker, storage, clocks, disk and ports"
    )
    add_data_dir(doctor)
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")


def _doctor(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime.doctor import examine, is_well

    findings = examine(lambda: settings_of(arguments))
    well = is_well(findings)
    if arguments.json:
        print(json.dumps({"well": well, "findings": [asdict(finding) for finding in findings]}, indent=2))
        return 0 if well else FAILED
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        print(f"{_MARKS[finding.status]}  {finding.check:<{width}}  {finding.detail}")
        if finding.remedy is not None:
            print(f"{'':<{len(_MARKS['ok'])}}  {'':<{width}}  -> {finding.remedy}")
    faults = sum(finding.status == "fault" for finding in findings)
    warnings = sum(finding.status == "warning" for finding in findings)
    print(f"\n{faults} faults, {warnings} warnings.")
    return 0 if well else FAILED
