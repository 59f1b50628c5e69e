"""How a result of a detection or a prediction is printed: as a table, JSON or CSV, or to a file."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import TYPE_CHECKING, Any

from pynomaly.cli.arguments import add_connection_options, count
from pynomaly.cli.output import note, print_json
from pynomaly.saving import check_target, harmless

if TYPE_CHECKING:
    from pynomaly.results import DetectionResult
    from pynomaly.rows import RowResult, RowTable

_FORMS = ("table", "json", "csv")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add what is printed and how, and which server is asked."""
    parser.add_argument(
        "--top", type=count, default=20, metavar="N", help="show the N most anomalous rows (default: 20)"
    )
    parser.add_argument("--explain", action="store_true", help="say why each row stands out")
    parser.add_argument(
        "--output",
        default="table",
        metavar="FORM|FILE",
        help="table (default), json or csv for the terminal, or a file for every row: its suffix, .xlsx, "
        ".csv, .json, .ndjson, .html or .parquet, says the format",
    )
    parser.add_argument("--json", action="store_const", dest="output", const="json", help="--output json")
    add_connection_options(parser)


def check_output(arguments: argparse.Namespace) -> None:
    """See that the output can be made, before any work is done for it; raises as `check_target` does."""
    if arguments.output not in _FORMS:
        check_target(arguments.output)


def print_result(result: DetectionResult, arguments: argparse.Namespace) -> int:
    """Print or save a result as the options say; returns the exit status."""
    rows = result.anomalies(limit=arguments.top)
    if arguments.output not in _FORMS:
        saved = result.save(arguments.output)
        sys.stderr.write(f"pynomaly: {len(result)} rows are in {saved}\n")
    if arguments.output == "json":
        # The rows of the table, with what holds for all of them.
        document = result.model_dump(
            mode="json", include={"algorithm", "threshold", "contamination", "n_rows", "n_anomalies"}
        )
        document["anomalies"] = [_record(row) for row in rows]
        print_json(document)
    elif arguments.output == "csv":
        _write_csv(rows)
    else:
        sys.stdout.write(f"{rows}\n")
    for warning in result.warnings:
        note(warning.detail)
    return 0


def _record(row: RowResult) -> dict[str, Any]:
    record: dict[str, Any] = {"row": row.row, "score": row.score, **row.identifiers}
    if row.explanation is not None:
        record["explanation"] = [each.model_dump() for each in row.explanation]
    return record


def _write_csv(rows: RowTable) -> None:
    identifiers = list(dict.fromkeys(name for row in rows for name in row.identifiers))
    explained = any(row.explanation for row in rows)
    writer = csv.writer(sys.stdout)
    writer.writerow(["row", "score", *identifiers, *(["why"] if explained else [])])
    for row in rows:
        values = [harmless(row.identifiers.get(name)) for name in identifiers]
        writer.writerow([row.row, row.score, *values, *([harmless(row.reasons())] if explained else [])])
