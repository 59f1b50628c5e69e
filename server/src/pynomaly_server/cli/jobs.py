"""`pynomaly jobs`: the jobs of all tenants, looked at, ended and tried again in the server's database."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pynomaly_server.cli.commands import add_command, add_data_dir, at_least_one, settings_of
from pynomaly_server.jobs.state import FINAL, JobState
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.db.tables import JobRow
    from pynomaly_server.jobs.administration import AdministeredJob, JobAdministration

_WIDTH: Final = 100
_LABEL: Final = 14


def register(commands: Any) -> None:
    """Add `jobs` to `commands`, what `ArgumentParser.add_subparsers` returned."""
    what = "list, show, cancel and retry jobs of all tenants"
    parser = commands.add_parser("jobs", help=what, description=f"{what.capitalize()}.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listed = add_command(actions, "list", _list, "list jobs, newest first")
    listed.add_argument("--state", choices=[str(state) for state in JobState], help="only jobs in this state")
    listed.add_argument(
        "--limit", type=at_least_one, default=50, metavar="N", help="most jobs listed (default: 50)"
    )
    show = add_command(actions, "show", _show, "show all that is known of a job")
    cancel = add_command(actions, "cancel", _cancel, "end a job that is queued or running")
    retry = add_command(actions, "retry", _retry, "put a failed or cancelled job into the queue again")
    for action in (show, cancel, retry):
        action.add_argument("job_id", metavar="JOB_ID", help="its id, as `jobs list` shows it")
    for action in (listed, show, cancel, retry):
        add_data_dir(action)


def _list(arguments: argparse.Namespace) -> int:
    state = None if arguments.state is None else JobState(arguments.state)
    with _jobs(arguments) as jobs:
        found = jobs.newest(limit=arguments.limit + 1, state=state)
    if not found:
        print("There are no jobs." if state is None else f"There are no {state} jobs.")
        return 0
    print(f"{'ID':<38}{'STATE':<10}{'ROWS':>13}{'DONE':>6}{'TRIES':>6}  {'SUBMITTED':<18}TENANT")
    for job in found[: arguments.limit]:
        row = job.row
        rows = "-" if row.total is None else f"{row.total:,}"
        print(
            f"{row.id:<38}{row.state:<10}{rows:>13}{_done(row):>6}{row.attempt:>6}  "
            f"{row.created_at:%Y-%m-%d %H:%M}  {job.tenant}"
        )
    if len(found) > arguments.limit:
        print(f"There are more; --limit {2 * arguments.limit} lists up to {2 * arguments.limit}.")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with _jobs(arguments) as jobs:
        job = _found(jobs, arguments.job_id)
    row = job.row
    _tell("job", row.id)
    _tell("kind", row.kind)
    _tell("tenant", f"{job.tenant} ({row.tenant_id})")
    _tell("state", _state(row))
    rows = "an unknown number of" if row.total is None else f"{row.total:,}"
    _tell("progress", f"{row.done:,} of {rows} rows, {_done(row)}, stage {row.stage}")
    _tell("tries", f"{row.attempt}, of which {row.crashes} ended without a word")
    _tell("submitted", _moment(row.created_at))
    _tell("started", _moment(row.started_at))
    _tell("ended", _moment(row.finished_at))
    if row.worker is not None:
        _tell("worker", f"{row.worker}, whose lease ends {_moment(row.lease_until)}")
    if job.shards:
        said = ", ".join(f"{count:,} {state}" for state, count in job.shards.items())
        _tell("shards", f"{said} (the last one joins the others)")
    if row.state == JobState.QUEUED and row.retry_at is not None:
        _tell("not before", _moment(row.retry_at))
    for source in row.sources:
        _tell("data source", ", ".join(f"{name} {value}" for name, value in source.items()))
    _tell("options", ", ".join(f"{name} {value}" for name, value in row.request.items()))
    if row.result_key is not None:
        _tell("result", row.result_key)
    if row.error is not None:
        _tell("error", f"{row.error['code']}: {row.error['detail']}")
    return 0


def _cancel(arguments: argparse.Namespace) -> int:
    job_id = arguments.job_id
    with _jobs(arguments) as jobs:
        if not jobs.cancel(job_id):
            row = _found(jobs, job_id).row
            raise RuntimeFault(f"{job_id} has ended ({row.state}) and cannot be cancelled.")
        ended = _found(jobs, job_id).row.state in FINAL
    print(f"Cancelled {job_id}." if ended else f"{job_id} is running; its worker ends it in a moment.")
    return 0


def _retry(arguments: argparse.Namespace) -> int:
    job_id = arguments.job_id
    with _jobs(arguments) as jobs:
        if not jobs.retry(job_id):
            row = _found(jobs, job_id).row
            remedy = "its result is there" if row.state == JobState.SUCCEEDED else "cancel it first"
            raise RuntimeFault(
                f"{job_id} is {row.state}, and only a failed or cancelled job can be retried; {remedy}."
            )
    print(f"{job_id} is queued again; the sweeper hands it to a worker.")
    return 0


@contextmanager
def _jobs(arguments: argparse.Namespace) -> Iterator[JobAdministration]:
    """The jobs of the server that the settings name."""
    from sqlalchemy.engine import make_url

    from pynomaly_server.db.migrate import upgrade
    from pynomaly_server.db.session import make_engine, make_sessions
    from pynomaly_server.jobs.administration import JobAdministration

    settings = settings_of(arguments)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not _is_file(url.database):
        raise RuntimeFault(
            f"There is no database at {url.database}. Name the server's data folder with --data-dir, or its "
            "database with DATABASE_URL; `pynomaly batch list` asks a server for your own jobs."
        )
    upgrade(settings)
    engine = make_engine(settings)
    try:
        yield JobAdministration(make_sessions(engine))
    finally:
        engine.dispose()


def _is_file(path: str | None) -> bool:
    from pathlib import Path

    return path is not None and Path(path).is_file()


def _found(jobs: JobAdministration, job_id: str) -> AdministeredJob:
    job = jobs.find(job_id)
    if job is None:
        raise RuntimeFault(f"There is no job {job_id}. `pynomaly jobs list` shows those there are.")
    return job


def _done(row: JobRow) -> str:
    return "-" if not row.total else f"{min(row.done / row.total, 1):.0%}"


def _state(row: JobRow) -> str:
    asked = row.cancel_requested and row.state not in FINAL
    return f"{row.state}, to be cancelled" if asked else row.state


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _tell(label: str, text: str) -> None:
    """A label and its text, wrapped below itself."""
    lines = textwrap.wrap(text, _WIDTH - _LABEL, break_on_hyphens=False) or ["-"]
    for number, line in enumerate(lines):
        print(f"{label if number == 0 else '':<{_LABEL}}{line}")
