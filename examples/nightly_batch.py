"""A nightly job: files in, a workbook with the unusual rows out, and an exit status for whoever started it.

    python examples/nightly_batch.py payments-*.csv --report unusual.xlsx

What it has begun is in a small state file, so after a crash at any moment the same command goes on with
the same job instead of submitting a second one. Exit statuses: 0 the report is there; 1 it is not, and the
text says why and whether the same command goes on; 2 the arguments are wrong.
"""

import argparse
import json
import sys
import uuid
from pathlib import Path

from pynomaly import (
    APIConnectionError,
    APITimeoutError,
    CircuitOpenError,
    JobHandle,
    PynomalyClient,
    PynomalyError,
    ServerError,
)

# After these the job may well go on, or have been submitted without our knowing.
PASSING = (APIConnectionError, APITimeoutError, CircuitOpenError, ServerError)


def main(argv: list[str] | None = None) -> int:
    """Run from the submission, or from where the last run was cut off, to the report."""
    parser = argparse.ArgumentParser(description="Report the unusual rows of some files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--report", type=Path, default=Path("unusual.xlsx"))
    parser.add_argument("--state", type=Path, default=Path("nightly.json"))
    parser.add_argument("--contamination", type=float, default=0.01, help="share of unusual rows")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds to wait for the job")
    given = parser.parse_args(argv)
    absent = [str(path) for path in given.files if not path.is_file()]
    if absent:
        parser.error(f"no such file: {', '.join(absent)}")
    names = [str(path.resolve()) for path in given.files]
    state = begun(given.state) or {"files": names, "key": f"nightly-{uuid.uuid4()}"}
    if state["files"] != names:
        parser.error(f"{given.state} is of a run over other files; finish that one, or delete {given.state}")

    try:
        with PynomalyClient() as client:
            job = submitted(client, state, given.state, given.contamination)
            job.wait(given.timeout, progress=True)
            job.download(given.report, only="anomalies")
    except PASSING as error:
        print(f"Not finished: {error} The same command goes on with it.", file=sys.stderr)
        return 1
    except PynomalyError as error:
        given.state.unlink(missing_ok=True)
        print(f"Failed: {error}", file=sys.stderr)
        return 1
    given.state.unlink()
    print(f"{given.report}: the unusual rows of {job.job_id}")
    return 0


def submitted(client: PynomalyClient, state: dict, file: Path, contamination: float) -> JobHandle:
    """Take the job up that was begun, or submit it.

    The key is written down before anything is sent: with it a submission that was cut off, and the uploads
    before it, can be repeated without a second job. The token afterwards saves even the repetition.
    """
    if "token" in state:
        job = client.jobs.resume(state["token"])
        print(f"Going on with {job.job_id}", file=sys.stderr)
        return job
    remember(file, state)
    job = client.batch_detect(
        data_sources=state["files"],
        contamination=contamination,
        include_explanations=True,
        idempotency_key=state["key"],
    )
    remember(file, {**state, "token": job.to_token()})
    return job


def begun(file: Path) -> dict | None:
    """What the last run has left, where it was cut off."""
    return json.loads(file.read_text()) if file.exists() else None


def remember(file: Path, state: dict) -> None:
    """Replace the state in one step, so that no crash leaves half of it."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(state))
    draft.replace(file)


if __name__ == "__main__":
    sys.exit(main())
