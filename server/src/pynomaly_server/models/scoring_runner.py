"""Scores the data sources of a claimed job with a trained model: read, score in chunks, store the result.

Of many rows it puts those of each shard where any worker finds them, and leaves the scoring to the shards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from pynomaly_server.contract.structs import ResultSummary
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.fetching import gathered
from pynomaly_server.jobs.findings import Chunk, written
from pynomaly_server.jobs.kinds import Done, JobKind, Joining, Note, Noted, ShardWork, Work, register
from pynomaly_server.jobs.limits import check_rows
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.result_objects import HeldResult
from pynomaly_server.jobs.results import ResultWriter
from pynomaly_server.jobs.runner import SPLIT_REMEDY
from pynomaly_server.jobs.shards.claims import PlannedShard
from pynomaly_server.jobs.shards.scoring import join_parts, scored_shard
from pynomaly_server.jobs.shards.staging import Staging, staged_model
from pynomaly_server.jobs.sources import Sources, kind_of_data
from pynomaly_server.jobs.state import Stage
from pynomaly_server.jobs.submission import KIND_SCORING
from pynomaly_server.models.artefacts import UnreadableError
from pynomaly_server.models.drift.cells import Baseline
from pynomaly_server.models.drift.repository import add_counted, kept_baseline, this_hour
from pynomaly_server.models.loading import load_version
from pynomaly_server.models.order import ScoringOrder
from pynomaly_server.models.rows import scored_rows
from pynomaly_server.models.tally import Tally
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.telemetry.figures import note_cells, note_found


class ScoringRun:
    """The work of one attempt; a row's score depends on the row alone, so memory holds one chunk."""

    def __init__(self, order: ScoringOrder, work: Work) -> None:
        self._order = order
        self._work = work
        self._tally = Tally()

    def run(self) -> Done:
        """Score all rows and return a small result, or the key of a stored one; or shards that are to.

        Raises:
            ProblemError: the model or the rows cannot be used, whoever tries.
            LeaseLostError, CancelRequestedError: it is over before it is done.
        """
        started = time.perf_counter()
        work, order, settings = self._work, self._order, self._work.settings
        with ExitStack() as stack, as_problems(SPLIT_REMEDY):

            @cache
            def folder() -> Path:
                return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-job-")))

            sources = Sources(gathered(work, stack), dataset_limits(settings), settings.job_chunk_rows)
            total = sources.n_rows
            check_rows(total, order.request, settings)
            pipeline = self._opened()
            if total > settings.job_shard_rows and (plan := self._staged(pipeline, sources, folder(), total)):
                return plan
            work.lease.report(Stage.SCORING, 0, total)
            told = _told(pipeline, order)
            writer = self._scored(pipeline, told, sources, folder, total)
            work.lease.report(Stage.WRITING, total, total)
            seconds = time.perf_counter() - started
            summary = _summary(order, told, self._tally, writer.n_rows, writer.n_anomalies, seconds)
            result: str | HeldResult | None = writer.held(summary, settings.result_held_rows)
            if result is None:
                result = work.attempt.result_key
                writer.store(work.store, result, summary)
            _note_figures(summary, work.attempt)
        # Those of one model in the order in which all its versions are held at once.
        place = f"{order.model.model_id}@{order.model.version:010d}"
        return Noted(result, _counting(order, work.attempt, self._tally), place)

    def _staged(
        self, pipeline: FittedPipeline, sources: Sources, folder: Path, total: int
    ) -> list[PlannedShard]:
        """The shards, their rows and the model put where any worker finds them; none where it cannot be."""
        work = self._work
        work.will_stage()
        with Staging(work.store, work.attempt.parts_key, folder, work.settings) as staging:
            for place, frame in enumerate(sources.batches()):
                if place == 0:  # columns that do not fit are told of before all rows have been put
                    scored_rows(frame.head(1), pipeline, self._order.label_column)
                staging.add(frame)
                work.lease.report(Stage.READING, 0, total)
            return staging.finish(pipeline)

    def _scored(
        self,
        pipeline: FittedPipeline,
        told: FittedPipeline,
        sources: Sources,
        folder: Callable[[], Path],
        total: int,
    ) -> ResultWriter:
        writer: ResultWriter | None = None
        score = _scoring(self._order, self._work.attempt, self._work.attempts, pipeline, told, self._tally)
        for frame in sources.batches():
            writer = written(writer, folder, told, self._order.request, Chunk(frame, score(frame), frame, 0))
            self._work.lease.report(Stage.SCORING, writer.n_rows, total)
        assert writer is not None  # a dataset has at least one row, or it would have been refused
        return writer

    def _opened(self) -> FittedPipeline:
        model = self._order.model
        try:
            return load_version(self._work, model.model_id, model.version)
        except UnreadableError as error:
            raise ProblemError(
                "model-unreadable",
                f"Version {model.version} of the model {model.name}, which the job was submitted for, "
                f"cannot be used: {error}. Submit the job again with a version that is there.",
            ) from error


def _told(pipeline: FittedPipeline, order: ScoringOrder) -> FittedPipeline:
    """The version with the threshold of the alias, where that has one."""
    return pipeline if order.threshold is None else pipeline.at(order.threshold)


def _scoring(
    order: ScoringOrder,
    attempt: Attempt,
    attempts: Attempts,
    pipeline: FittedPipeline,
    told: FittedPipeline,
    tally: Tally,
) -> Callable[[pl.DataFrame], Scored]:
    """What scores rows of the job as `told` does, and has `tally` take them."""
    baseline = _baseline(order, attempt, attempts)

    def score(frame: pl.DataFrame) -> Scored:
        scored = scored_rows(frame, pipeline, order.label_column)
        tally.add(pipeline, baseline, frame, scored)
        return told.scored(scored.raw)

    return score


def _baseline(order: ScoringOrder, attempt: Attempt, attempts: Attempts) -> Baseline | None:
    def kept() -> Baseline | None:
        with attempts.sessions.read() as session:
            return kept_baseline(session, attempt.tenant_id, order.model.model_id, order.model.version)

    return patiently(kept)


def _counting(order: ScoringOrder, attempt: Attempt, tally: Tally) -> Note:
    """Makes the counts of the job's rows those of the version that has scored them."""

    def note(session: Session) -> None:
        model = order.model
        add_counted(session, attempt.tenant_id, model.model_id, model.version, this_hour(), tally.counted)

    return note


def _summary(
    order: ScoringOrder, told: FittedPipeline, tally: Tally, n_rows: int, n_anomalies: int, seconds: float
) -> ResultSummary:
    return ResultSummary(
        algorithm=told.algorithm,
        threshold=told.threshold,
        contamination=told.contamination,
        n_rows=n_rows,
        n_anomalies=n_anomalies,
        feature_names=list(told.feature_names),
        columns=tally.columns,
        warnings=tally.warnings,
        elapsed_ms=round(seconds * 1000, 3),
        model=order.model,
    )


def _note_figures(summary: ResultSummary, attempt: Attempt) -> None:
    kind = kind_of_data(attempt.sources)
    note_found(summary, kind, "job")
    note_cells(summary.columns, summary.n_rows, kind)


def _score(order: ScoringOrder, work: Work) -> Done:
    return ScoringRun(order, work).run()


@as_problems(SPLIT_REMEDY)
def _score_shard(order: ScoringOrder, work: ShardWork) -> int:
    claim, tally = work.claim, Tally()
    work.lease.report(Stage.SCORING, 0, None)
    pipeline = staged_model(work.store, claim.attempt.parts_key, work.settings)
    told = _told(pipeline, order)
    score = _scoring(order, claim.attempt, work.attempts, pipeline, told, tally)
    n_anomalies = scored_shard(order.request, work, told, score)
    with tempfile.TemporaryDirectory(prefix="pynomaly-tally-") as folder:
        path = Path(folder) / "tally.json"
        path.write_bytes(tally.kept())
        work.store.put_file(_tally_key(claim.output_key), path)
    return n_anomalies


def _join_shards(order: ScoringOrder, work: ShardWork, joining: Joining) -> Note:
    claim, store = work.claim, work.store
    work.lease.report(Stage.WRITING, joining.n_rows, joining.n_rows)
    told = _told(staged_model(store, claim.attempt.parts_key, work.settings), order)
    tally = Tally.of_parts(_tallies(store, joining))
    summary = _summary(order, told, tally, joining.n_rows, joining.n_anomalies, joining.elapsed_seconds)
    join_parts(work, joining, told, summary)
    _note_figures(summary, claim.attempt)
    return _counting(order, claim.attempt, tally)


def _tallies(store: ObjectStore, joining: Joining) -> Iterator[bytes]:
    """What each shard tells of its rows, one after the other."""
    for part in joining.parts:
        with store.local_path(_tally_key(part.output_key)) as path:
            yield path.read_bytes()


def _tally_key(output_key: str) -> str:
    """Object of what a shard tells of its rows, beside that of the rows."""
    return f"{output_key}.tally"


register(JobKind(KIND_SCORING, ScoringOrder, _score, _score_shard, _join_shards))
