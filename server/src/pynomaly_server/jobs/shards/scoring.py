"""Scores the rows of one shard, and joins the scored shards of a job into its result."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import polars as pl

from pynomaly_server.contract.structs import BatchDetectionRequest, ResultSummary
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.jobs.findings import Chunk, summary_of, written
from pynomaly_server.jobs.kinds import Joining, ShardWork
from pynomaly_server.jobs.results import ResultWriter, StoredSummary, store_result, stored_names
from pynomaly_server.jobs.shards.staging import input_key, staged_batches, staged_model
from pynomaly_server.jobs.sources import kind_of_data
from pynomaly_server.jobs.state import Stage
from pynomaly_server.telemetry.figures import note_found

SPLIT_REMEDY: Final = "Submit the datasets in several jobs."


@as_problems(SPLIT_REMEDY)
def score_shard(request: BatchDetectionRequest, work: ShardWork) -> int:
    """Put the scored rows of one shard under the claim's output key, and count the anomalous ones.

    Raises:
        ProblemError: the data cannot be used, whoever tries.
        LeaseLostError: it is over before it is done.
    """
    work.lease.report(Stage.SCORING, 0, None)
    pipeline = staged_model(work.store, work.claim.attempt.parts_key, work.settings)
    return scored_shard(request, work, pipeline, pipeline.score)


def scored_shard(
    request: BatchDetectionRequest,
    work: ShardWork,
    pipeline: FittedPipeline,
    score: Callable[[pl.DataFrame], Scored],
) -> int:
    """As `score_shard`, with rows scored by `score`; all else that is said of them is the pipeline's."""
    claim = work.claim
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-shard-")))
        path = stack.enter_context(work.store.local_path(input_key(claim.attempt.parts_key, claim.number)))
        writer: ResultWriter | None = None
        done = 0
        # The same rows at once as without shards, so that sums are rounded alike.
        for frame in staged_batches(path):
            chunk = Chunk(frame, score(frame), frame, 0)
            writer = written(writer, lambda: folder, pipeline, request, chunk, claim.shard.first_row)
            done += frame.height
            work.lease.report(Stage.SCORING, done, None)
        assert writer is not None  # a shard that scores has batches
        writer.store_rows(work.store, claim.output_key)
    return writer.n_anomalies


def join_shards(_request: BatchDetectionRequest, work: ShardWork, joining: Joining) -> None:
    """Make one result of all parts, under the claim's result key; raises as `score_shard`."""
    claim = work.claim
    work.lease.report(Stage.WRITING, joining.n_rows, joining.n_rows)
    pipeline = staged_model(work.store, claim.attempt.parts_key, work.settings)
    summary = summary_of(
        pipeline,
        n_rows=joining.n_rows,
        n_anomalies=joining.n_anomalies,
        fitted_on=work.settings.job_fit_rows,
        elapsed_seconds=joining.elapsed_seconds,
    )
    note_found(summary, kind_of_data(claim.attempt.sources), "job")
    join_parts(work, joining, pipeline, summary)


def join_parts(work: ShardWork, joining: Joining, pipeline: FittedPipeline, summary: ResultSummary) -> None:
    """Store the rows of all parts with their `summary` as the result under the claim's result key."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-join-")))
        parts = [stack.enter_context(work.store.local_path(part.output_key)) for part in joining.parts]
        identifiers = [column.name for column in pipeline.columns if column.type == "identifier"]
        stored = StoredSummary(summary=summary, identifiers=stored_names(identifiers))
        store_result(work.store, work.claim.result_key, folder, parts, stored)
