"""`pynomaly batch`: detection as a job, for whoever owns it; and `pynomaly jobs`, all jobs of theirs.

Where the server is installed, `pynomaly jobs` is its own, for its operator, and works on the database.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_algorithm, add_command, add_contamination, add_group, add_limit
from pynomaly.cli.connect import connect
from pynomaly.cli.output import moment, print_facts, print_json, print_table, tell

if TYPE_CHECKING:
    from pynomaly._generated.models import Job
    from pynomaly.cli.arguments import Subparsers

STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def register(commands: Subparsers) -> None:
    """Add the command."""
    actions = add_group(commands, "batch", "detect anomalies in large tables, as jobs in the background")
    run = add_command(actions, "run", _run, "submit a job, and wait for it unless told otherwise")
    run.add_argument("sources", nargs="+", metavar="SOURCE", help="file, id of a dataset, or URL")
    run.add_argument(
        "--model", metavar="MODEL", help="score with this model: name, name@version or name@alias"
    )
    add_algorithm(run)
    add_contamination(run)
    run.add_argument("--detach", action="store_true", help="do not wait for the job's end")
    _add_actions(actions, "batch")


def register_jobs(commands: Subparsers) -> None:
    """Add `pynomaly jobs`: what `batch` does with jobs that are there, trainings among them."""
    _add_actions(add_group(commands, "jobs", "list, describe, cancel and download your jobs"), "jobs")


def _add_actions(actions: Subparsers, group: str) -> None:
    listed = add_command(actions, "list", _list, "list jobs, newest first")
    listed.add_argument("--state", choices=STATES, help="only jobs in this state")
    add_limit(listed, "jobs")
    show = add_command(actions, "show", _show, "describe a job")
    cancel = add_command(actions, "cancel", _cancel, "end a job that is queued or running")
    download = add_command(actions, "download", _download, "write a job's result to a file")
    for action in (show, cancel, download):
        action.add_argument("job_id", metavar="JOB_ID", help=f"its id, as `{group} list` shows it")
    download.add_argument("file", metavar="FILE", help="a .csv, .ndjson, .parquet or .xlsx file")
    download.add_argument("--only-anomalies", action="store_true", help="leave out the other rows")


def _run(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        handle = client.batch_detect(
            data_sources=arguments.sources,
            model_id=arguments.model,
            algorithm=arguments.algorithm,
            contamination=arguments.contamination,
        )
        if not arguments.detach:
            handle.wait(progress=sys.stderr.isatty())
        job = handle.status()
    return _described(job, arguments)


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        jobs = list(islice(client.jobs.list_jobs_iter(state=arguments.state), arguments.limit))
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
    return _described(job, arguments)


def _cancel(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        job = client.jobs.resume(arguments.job_id).cancel()
    return _described(job, arguments)


def _download(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        path = client.jobs.resume(arguments.job_id).download(
            arguments.file, only="anomalies" if arguments.only_anomalies else "all"
        )
    return tell(arguments, {"job_id": arguments.job_id, "file": str(path)}, f"Wrote {path}.")


def _described(job: Job, arguments: argparse.Namespace) -> int:
    if arguments.json:
        print_json(job)
        return 0
    done, total = f"{job.progress.done:,}", job.progress.total
    of_total = "" if total is None else f" of {total:,}"
    print_facts(
        [
            ("job", job.job_id),
            ("state", job.state),
            ("made", None if job.model is None else f"{job.model.name}@{job.model.version}"),
            ("progress", f"{done}{of_total} rows, {job.progress.stage}"),
            ("error", None if job.error is None else f"{job.error.code}: {job.error.detail}"),
            ("submitted", moment(job.created_at)),
            ("ended", moment(job.finished_at)),
            ("kept until", moment(job.expires_at)),
        ]
    )
    return 0
