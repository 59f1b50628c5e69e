"""Scores the rows of one shard, and joins the scored shards of a job into its result."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.jobs.findings import Chunk, summary_of, written
from pynomaly_server.jobs.kinds import Joining, ShardWork
from pynomaly_server.jobs.results import ResultWriter, StoredSummary, store_result, stored_names
from pynomaly_server.jobs.shards.staging import input_key, staged_batches, staged_model
from pynomaly_server.jobs.sources import kind_of_data
from pynomaly_server.jobs.state import Stage
from pynomaly_server.telemetry.figures import note_found

SPLIT_REMEDY: Final = "Submit the datasets in several jobs."


def score_shard(request: BatchDetectionRequest, work: ShardWork) -> int:
    """Put the scored rows of one shard under the claim's output key, and count the anomalous ones.

    Raises:
        ProblemError: the data cannot be used, whoever tries.
        LeaseLostError: it is over before it is done.
    """
    claim, shard = work.claim, work.claim.shard
    work.lease.report(Stage.SCORING, 0, None)
    with ExitStack() as stack, as_problems(SPLIT_REMEDY):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-shard-")))
        pipeline = staged_model(work.store, claim.attempt.parts_key, work.settings)
        path = stack.enter_context(work.store.local_path(input_key(claim.attempt.parts_key, claim.number)))
        writer: ResultWriter | None = None
        done = 0
        # The same rows at once as without shards, so that sums are rounded alike.
        for frame in staged_batches(path):
            chunk = Chunk(frame, pipeline.score(frame), frame, 0)
            writer = written(writer, lambda: folder, pipeline, request, chunk, shard.first_row)
            done += frame.height
            work.lease.report(Stage.SCORING, done, None)
        assert writer is not None  # a shard that scores has batches
        writer.store_rows(work.store, claim.output_key)
    return writer.n_anomalies


def join_shards(_request: BatchDetectionRequest, work: ShardWork, joining: Joining) -> None:
    """Make one result of all parts, under the claim's result key; raises as `score_shard`."""
    claim = work.claim
    n_rows = sum(part.n_rows for part in joining.parts)
    work.lease.report(Stage.WRITING, n_rows, n_rows)
    pipeline = staged_model(work.store, claim.attempt.parts_key, work.settings)
    summary = summary_of(
        pipeline,
        n_rows=n_rows,
        n_anomalies=sum(part.n_anomalies for part in joining.parts),
        fitted_on=work.settings.job_fit_rows,
        elapsed_seconds=joining.elapsed_seconds,
    )
    note_found(summary, kind_of_data(claim.attempt.sources), "job")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-join-")))
        parts = [stack.enter_context(work.store.local_path(part.output_key)) for part in joining.parts]
        identifiers = [column.name for column in pipeline.columns if column.type == "identifier"]
        stored = StoredSummary(summary=summary, identifiers=stored_names(identifiers))
        store_result(work.store, claim.result_key, folder, parts, stored)
