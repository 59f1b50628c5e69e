"""`pynomaly evaluate FILE`: how well algorithms find the anomalies that somebody has labelled."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pynomaly.cli.arguments import (
    add_command,
    add_contamination,
    add_data_file,
    add_series_options,
    series_options,
)
from pynomaly.cli.connect import connect
from pynomaly.cli.output import complain, note, print_json, print_table
from pynomaly.errors import APIStatusError, ConfigurationError

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers
    from pynomaly.client import PynomalyClient
    from pynomaly.evaluation import Evaluation
    from pynomaly.results import DetectionResult

_HEADERS = ["algorithm", "ROC-AUC", "avg precision", "precision", "recall", "F1", "found"]


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "evaluate",
        run,
        "see how well algorithms find labelled anomalies",
        "Detect without the labels, and compare with them: ROC-AUC and average precision of the scores; "
        "precision, recall and F1 of the predictions.",
    )
    add_data_file(parser)
    parser.add_argument(
        "--labels",
        metavar="FILE",
        help="table with the labels, matched to the rows by an identifier both have, else by their order",
    )
    parser.add_argument(
        "--label-column", metavar="NAME", help="column with the labels, of --labels or else of FILE itself"
    )
    parser.add_argument(
        "--anomaly",
        metavar="VALUE",
        help="label of the anomalies (default: 1, true, yes, anomaly or outlier)",
    )
    parser.add_argument(
        "--algorithm",
        action="append",
        dest="algorithms",
        metavar="NAME",
        help="algorithm; give it several times to compare (default: isolation_forest)",
    )
    add_contamination(parser)
    add_series_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Detect with each algorithm, compare and print; 1 where one of them could not be used."""
    if arguments.labels is None and arguments.label_column is None:
        raise ConfigurationError(
            "There are no labels. Give --labels FILE, or --label-column NAME of the file."
        )
    table = _Labels(arguments)
    found: list[Evaluation] = []
    failed = 0
    with connect(arguments) as client:
        for algorithm in arguments.algorithms or [None]:
            try:
                result = _detected(client, algorithm, arguments)
            except APIStatusError as exc:
                if len(arguments.algorithms or ()) < 2:
                    raise
                complain(f"{algorithm}: {exc.shell_text()}")
                failed = 1
                continue
            found.append(table.compared(result))
    _tell(found, table.matched_by, arguments)
    return failed


def _detected(
    client: PynomalyClient, algorithm: str | None, arguments: argparse.Namespace
) -> DetectionResult:
    own = arguments.label_column if arguments.labels is None else None
    return client.detect_anomalies(
        arguments.file,
        algorithm=algorithm,
        contamination=arguments.contamination,
        # The model uses no identifier, and the result brings its values back.
        column_types={own: "identifier"} if own else None,
        **series_options(arguments),
    )


class _Labels:
    """The labels, wherever they are."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        from pynomaly.frames import columns_of

        self._column: str | None = arguments.label_column
        self._anomaly: str | None = arguments.anomaly
        self._table = None if arguments.labels is None else columns_of(arguments.labels)
        self.matched_by: str | None = None

    def compared(self, result: DetectionResult) -> Evaluation:
        from pynomaly.evaluation import evaluated, matched_labels, read_labels

        if self._table is None:
            assert self._column is not None
            values: Sequence[Any] = result.identifiers[self._column]
        else:
            values, self.matched_by = matched_labels(self._table, self._column, result)
        return evaluated(result, read_labels(values, self._anomaly))


def _tell(found: Sequence[Evaluation], matched_by: str | None, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json([asdict(each) for each in found])
        return
    if not found:
        return
    how = f"; labels matched by {matched_by}" if matched_by else ""
    sys.stdout.write(f"{found[0].n_rows:,} rows, {found[0].n_labelled:,} of them labelled anomalous{how}\n")
    print_table(_HEADERS, [_row(each) for each in found], keep=len(_HEADERS))
    if found[0].roc_auc is None:
        note("The labels are all alike, so there is nothing that scores could tell apart.")


def _row(each: Evaluation) -> list[Any]:
    shares = (each.roc_auc, each.average_precision, each.precision, each.recall, each.f1)
    return [each.algorithm, *(None if share is None else f"{share:.3f}" for share in shares), each.n_found]
