"""`pynomaly batch`: detection as a job, for whoever owns it.

(`pynomaly jobs`, which the server brings, is for its operator and works on the database.)
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.cli.contamination import contamination
from pynomaly.cli.output import add_json_option, moment, print_facts, print_json, print_table

if TYPE_CHECKING:
    from pynomaly._generated.models import Job
    from pynomaly.cli.program import Subparsers

STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def register(commands: Subparsers) -> None:
    """Add the command."""
    what = "detect anomalies in large tables, as jobs in the background"
    parser = commands.add_parser("batch", help=what, description=f"{what.capitalize()}.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    run = actions.add_parser("run", help="submit a job, and wait for it unless told otherwise")
    run.add_argument("sources", nargs="+", metavar="SOURCE", help="file, id of a dataset, or URL")
    run.add_argument("--algorithm", metavar="NAME", help="algorithm (default: isolation_forest)")
    run.add_argument(
        "--contamination",
        type=contamination,
        metavar="SHARE",
        help="expected share of anomalies in (0, 0.5], or auto",
    )
    run.add_argument("--detach", action="store_true", help="do not wait for the job's end")
    run.set_defaults(handler=_run)
    listed = actions.add_parser("list", help="list jobs, newest first")
    listed.add_argument("--state", choices=STATES, help="only jobs in this state")
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="most jobs (default: 50)")
    listed.set_defaults(handler=_list)
    show = actions.add_parser("show", help="describe a job")
    show.set_defaults(handler=_show)
    cancel = actions.add_parser("cancel", help="end a job that is queued or running")
    cancel.set_defaults(handler=_cancel)
    download = actions.add_parser("download", help="write a job's result to a file")
    download.set_defaults(handler=_download)
    for action in (show, cancel, download):
        action.add_argument("job_id", metavar="JOB_ID", help="its id, as `batch list` shows it")
    download.add_argument("file", metavar="FILE", help="a .csv, .ndjson, .parquet or .xlsx file")
    download.add_argument("--only-anomalies", action="store_true", help="leave out the other rows")
    for action in (run, listed, show, cancel, download):
        add_json_option(action)
        add_connection_options(action)


def _run(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        handle = client.batch_detect(
            data_sources=arguments.sources,
            algorithm=arguments.algorithm,
            contamination=arguments.contamination,
        )
        if not arguments.detach:
            handle.wait(progress=sys.stderr.isatty())
        job = handle.status()
    _tell(job, arguments)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        jobs = list(islice(client.jobs.list_jobs_iter(state=arguments.state), max(arguments.limit, 0)))
    if arguments.json:
        print_json(jobs)
    elif not jobs:
        sys.stdout.write("There are no such jobs.\n" if arguments.state else "There are no jobs.\n")
    else:
        rows = [
            [job.job_id, job.state, job.progress.done, job.progress.total, moment(job.created_at)]
            for job in jobs
        ]
        print_table(["id", "state", "rows done", "rows", "submitted (UTC)"], rows)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        job = client.get_job_status(arguments.job_id)
    _tell(job, arguments)
    return 0


def _cancel(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        job = client.jobs.resume(arguments.job_id).cancel()
    _tell(job, arguments)
    return 0


def _download(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        path = client.jobs.resume(arguments.job_id).download(
            arguments.file, only="anomalies" if arguments.only_anomalies else "all"
        )
    if arguments.json:
        print_json({"job_id": arguments.job_id, "file": str(path)})
    else:
        sys.stdout.write(f"Wrote {path}.\n")
    return 0


def _tell(job: Job, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(job)
        return
    done, total = f"{job.progress.done:,}", job.progress.total
    of_total = "" if total is None else f" of {total:,}"
    print_facts(
        [
            ("job", job.job_id),
            ("state", job.state),
            ("progress", f"{done}{of_total} rows, {job.progress.stage}"),
            ("error", None if job.error is None else f"{job.error.code}: {job.error.detail}"),
            ("submitted", moment(job.created_at)),
            ("ended", moment(job.finished_at)),
            ("kept until", moment(job.expires_at)),
        ]
    )
