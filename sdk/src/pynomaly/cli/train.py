"""`pynomaly train` and `pynomaly predict`: a model is fitted once, and scores whenever it is asked."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import (
    add_algorithm,
    add_command,
    add_contamination,
    add_data_file,
    add_plain_command,
)
from pynomaly.cli.connect import connect
from pynomaly.cli.detections import add_output_options, check_output, print_result
from pynomaly.cli.models import describe_version
from pynomaly.cli.output import print_json

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the commands."""
    train = add_command(commands, "train", _train, "train a model and wait for it")
    train.add_argument("source", metavar="SOURCE", help="file, id of a dataset, or URL")
    train.add_argument("--name", required=True, help="name of the model, which gets another version")
    add_algorithm(train)
    add_contamination(train)
    train.add_argument(
        "--label-column", metavar="NAME", help="column with labels, for the model's metrics alone"
    )
    predict = add_plain_command(commands, "predict", _predict, "score the rows of a file with a model")
    predict.add_argument("model", metavar="MODEL", help="name, name@version or name@alias")
    add_data_file(predict)
    add_output_options(predict)


def _train(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        model = client.train_model(
            arguments.source,
            arguments.algorithm,
            arguments.name,
            arguments.contamination,
            arguments.label_column,
            progress=sys.stderr.isatty(),
            timeout=arguments.timeout,
        )
        version = model.describe()
    if arguments.json:
        print_json(version)
    else:
        describe_version(version)
    return 0


def _predict(arguments: argparse.Namespace) -> int:
    check_output(arguments)
    with connect(arguments) as client:
        result = client.predict_with_model(
            arguments.model, arguments.file, include_explanations=arguments.explain
        )
    return print_result(result, arguments)
