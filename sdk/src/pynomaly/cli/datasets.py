"""`pynomaly datasets`: tables that are stored at the server, for jobs to read."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.cli.output import add_json_option, moment, note, print_facts, print_json, print_table, size

if TYPE_CHECKING:
    from pynomaly._generated.models import ColumnProfile, Dataset
    from pynomaly.cli.program import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    what = "store tables at the server, for jobs to read"
    parser = commands.add_parser("datasets", help=what, description=f"{what.capitalize()}.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="list datasets, newest first")
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="most datasets (default: 50)")
    listed.set_defaults(handler=_list)
    show = actions.add_parser("show", help="describe a dataset")
    show.set_defaults(handler=_show)
    upload = actions.add_parser("upload", help="store a file")
    upload.add_argument("file", metavar="FILE", help="CSV, Parquet, JSON, NDJSON, Arrow stream or NPY file")
    upload.add_argument("--name", help="a name for people (default: the file's)")
    upload.set_defaults(handler=_upload)
    profile = actions.add_parser("profile", help="show what the columns of a dataset hold")
    profile.set_defaults(handler=_profile)
    delete = actions.add_parser("delete", help="delete a dataset")
    delete.set_defaults(handler=_delete)
    for action in (show, profile, delete):
        action.add_argument("dataset_id", metavar="DATASET_ID", help="its id, as `datasets list` shows it")
    for action in (listed, show, upload, profile, delete):
        add_json_option(action)
        add_connection_options(action)


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        found = list(islice(client.datasets.list_datasets_iter(), max(arguments.limit, 0)))
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
    if arguments.json:
        print_json(dataset)
    else:
        shape = f"{dataset.n_rows:,} rows, {dataset.n_columns:,} columns"
        sys.stdout.write(f"Stored as {dataset.dataset_id}: {shape}.\n")
    return 0


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
    if arguments.json:
        print_json({"deleted": arguments.dataset_id})
    else:
        sys.stdout.write(f"Deleted {arguments.dataset_id}.\n")
    return 0
