"""`pynomaly datasets`: tables that are stored at the server, for jobs to read."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynomaly.cli.arguments import add_command, add_data_file, add_group, add_limit
from pynomaly.cli.connect import connect
from pynomaly.cli.output import moment, note, print_facts, print_json, print_table, size, tell

if TYPE_CHECKING:
    from pynomaly._generated.models import ColumnProfile, Dataset
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    actions = add_group(commands, "datasets", "store tables at the server, for jobs to read")
    listed = add_command(actions, "list", _list, "list datasets, newest first")
    add_limit(listed, "datasets")
    show = add_command(actions, "show", _show, "describe a dataset")
    upload = add_command(actions, "upload", _upload, "store a file")
    add_data_file(upload)
    upload.add_argument("--name", help="a name for people (default: the file's)")
    profile = add_command(actions, "profile", _profile, "show what the columns of a dataset hold")
    delete = add_command(actions, "delete", _delete, "delete a dataset")
    for action in (show, profile, delete):
        action.add_argument("dataset_id", metavar="DATASET_ID", help="its id, as `datasets list` shows it")


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        found = list(islice(client.datasets.list_datasets_iter(), arguments.limit))
    if arguments.json:
        print_json(found)
    elif not found:
        sys.stdout.write("There are no datasets.\n")
    else:
        headers = ["id", "name", "rows", "columns", "size", "stored (UTC)"]
        print_table(headers, [_row(dataset) for dataset in found])
    return 0


def _row(dataset: Dataset) -> list[Any]:
    shape = [dataset.n_rows, dataset.n_columns]
    return [dataset.dataset_id, dataset.name, *shape, size(dataset.size_bytes), moment(dataset.created_at)]


def _show(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        dataset = client.datasets.get_dataset(arguments.dataset_id)
    if arguments.json:
        print_json(dataset)
        return 0
    print_facts(
        [
            ("dataset", dataset.dataset_id),
            ("name", dataset.name),
            ("rows", f"{dataset.n_rows:,}"),
            ("columns", f"{dataset.n_columns:,}"),
            ("size", size(dataset.size_bytes)),
            ("media type", dataset.media_type),
            ("stored", f"{moment(dataset.created_at)} UTC"),
        ]
    )
    return 0


def _upload(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        dataset = client.upload_dataset(arguments.file, arguments.name, progress=sys.stderr.isatty())
    shape = f"{dataset.n_rows:,} rows, {dataset.n_columns:,} columns"
    return tell(arguments, dataset, f"Stored as {dataset.dataset_id}: {shape}.")


def _profile(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        profile = client.datasets.profile_dataset(arguments.dataset_id)
    if arguments.json:
        print_json(profile)
        return 0
    repeated = f"{profile.duplicate_rows.count:,} of them repeated"
    sys.stdout.write(f"{profile.n_rows:,} rows, {repeated}; {profile.n_columns:,} columns\n")
    rows = [
        [
            column.name,
            column.type,
            f"{column.missing_share:.1%}",
            f"{'~' if column.distinct_approximate else ''}{column.distinct:,}",
            _values(column),
        ]
        for column in profile.columns
    ]
    print_table(["column", "type", "missing", "distinct", "values"], rows, keep=5)
    for warning in profile.warnings:
        note(warning.detail)
    return 0


def _values(column: ColumnProfile) -> str | None:
    """What a column holds, in few words."""
    if column.numeric is not None:
        numbers = column.numeric
        mean = "" if numbers.mean is None else f", mean {numbers.mean:g}"
        return f"{numbers.min:g} to {numbers.max:g}{mean}"
    if column.datetime is not None:
        return f"{column.datetime.min} to {column.datetime.max}"
    if column.top_values:
        return ", ".join(f"{each.value} ({each.count:,})" for each in column.top_values[:3])
    return None


def _delete(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        client.datasets.delete_dataset(arguments.dataset_id)
    return tell(arguments, {"deleted": arguments.dataset_id}, f"Deleted {arguments.dataset_id}.")
