"""`pynomaly models feedback`: what turned out of scored rows, and how right a model was."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pynomaly.cli.arguments import add_command
from pynomaly.cli.connect import connect
from pynomaly.cli.output import print_facts, print_json
from pynomaly.errors import DataError

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(actions: Subparsers) -> None:
    """Add the command to those of `pynomaly models`."""
    parser = add_command(
        actions, "feedback", _feedback, "say how right a model was, by labels of scored rows"
    )
    parser.add_argument("model", metavar="MODEL", help="name, name@version or name@alias")
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=Path,
        help="rows as they were scored, with their labels: NDJSON",
    )
    parser.add_argument(
        "--label-column",
        metavar="NAME",
        default="label",
        help="column of the labels, true for an anomaly (default: label)",
    )


def _feedback(arguments: argparse.Namespace) -> int:
    given = None if arguments.file is None else _labelled(arguments.file, arguments.label_column)
    with connect(arguments) as client:
        if given is None:
            told = client.models.get_model_feedback(arguments.model)
        else:
            told = client.models.use(arguments.model).give_feedback(*given)
    if arguments.json:
        print_json(told)
        return 0
    best = told.suggested
    print_facts(
        [
            ("model", f"{told.name}@{told.version}"),
            ("labels", f"{told.n_labels:,}, {told.n_anomalies:,} of them anomalies"),
            ("threshold", f"{told.threshold:g}, {told.n_predicted:,} labelled rows reach it"),
            ("precision", _rounded(told.precision)),
            ("recall", _rounded(told.recall)),
            (
                "suggested",
                None if best is None else f"{best.threshold:.3f}, with precision {best.precision:.3f}",
            ),
        ]
    )
    return 0


def _labelled(path: Path, label_column: str) -> tuple[list[dict[str, Any]], list[bool]]:
    """The rows of a file of NDJSON without their labels, and the labels."""
    rows: list[dict[str, Any]] = []
    labels: list[bool] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise DataError(f"Line {number} of '{path}' is no JSON object; give one row per line (NDJSON).")
        fields = cast("dict[str, Any]", row)
        label = fields.pop(label_column, None)
        if label not in (True, False):
            raise DataError(
                f"Line {number} of '{path}' has no label: '{label_column}' must be true or 1 for an anomaly, "
                "false or 0 for a normal row. Say --label-column where it has another name."
            )
        rows.append(fields)
        labels.append(bool(label))
    return rows, labels


def _rounded(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.3f}"
