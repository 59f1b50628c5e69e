"""Brings the data sources of a claimed job into local files, whatever kind of job it is."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.jobs.kinds import Work
from pynomaly_server.jobs.limits import check_bytes
from pynomaly_server.jobs.sources import Source
from pynomaly_server.jobs.state import Stage
from pynomaly_server.problems import ProblemError
from pynomaly_server.sources.service import SourceService
from pynomaly_server.storage.objects import ObjectMissingError
from pynomaly_server.tabular.reading import inspect_table


def gathered(work: Work, stack: ExitStack) -> list[Source]:
    """The sources of a job in their order; the files are there as long as `stack` is open.

    Raises:
        ProblemError: one of them cannot be had, or together they are over the limit of bytes.
        LeaseLostError, CancelRequestedError: it is over before it is done.
    """
    sources: list[Source] = []
    total = 0
    for source in work.attempt.sources:
        sources.append(_localised(source, work, stack))
        total += sources[-1].path.stat().st_size
        check_bytes(total, work.settings)
    return sources


def _localised(source: dict[str, object], work: Work, stack: ExitStack) -> Source:
    if "url" in source:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-source-")))
        return _fetched(source, work, folder)
    dataset_id = str(source["dataset_id"])
    try:
        path = stack.enter_context(work.store.local_path(str(source["object_key"])))
    except ObjectMissingError:
        raise ProblemError(
            "bad-dataset",
            f"Dataset {dataset_id} was deleted after the job was submitted. Upload it again.",
        ) from None
    return Source(dataset_id, path, str(source["media_type"]), int(str(source["n_rows"])))


def _fetched(source: dict[str, object], work: Work, folder: Path) -> Source:
    """A source from elsewhere, read through once as an upload is."""

    def look_up() -> None:
        work.lease.report(Stage.READING, 0, None)

    fetched = SourceService(work.settings).fetch(source, work.attempt.tenant_id, folder, look_up)
    summary = inspect_table(fetched.path, fetched.media_type, dataset_limits(work.settings))
    look_up()
    return Source(fetched.shown, fetched.path, fetched.media_type, summary.n_rows)
