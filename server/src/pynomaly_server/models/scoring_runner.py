"""Scores the data sources of a claimed job with a trained model: read, score in chunks, store the result."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import msgspec
import polars as pl
from sqlalchemy.orm import Session

from pynomaly_server.contract.structs import Column, ResultSummary
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.jobs.fetching import gathered
from pynomaly_server.jobs.findings import Chunk, written
from pynomaly_server.jobs.kinds import Done, JobKind, Noted, Work, register
from pynomaly_server.jobs.limits import check_rows
from pynomaly_server.jobs.result_objects import HeldResult
from pynomaly_server.jobs.results import ResultWriter
from pynomaly_server.jobs.runner import SPLIT_REMEDY
from pynomaly_server.jobs.sources import Sources, kind_of_data
from pynomaly_server.jobs.state import Stage
from pynomaly_server.jobs.submission import KIND_SCORING
from pynomaly_server.models.artefacts import UnreadableError, load
from pynomaly_server.models.drift.cells import Baseline
from pynomaly_server.models.drift.repository import add_counted, kept_baseline, this_hour
from pynomaly_server.models.drift.sketch import Sketch
from pynomaly_server.models.order import ScoringOrder
from pynomaly_server.models.rows import columns_in, scored_rows, warnings_of_unseen
from pynomaly_server.problems import ProblemError
from pynomaly_server.telemetry.figures import note_cells, note_found


class ScoringRun:
    """The work of one attempt; a row's score depends on the row alone, so memory holds one chunk."""

    def __init__(self, order: ScoringOrder, work: Work) -> None:
        self._order = order
        self._work = work
        self._columns: dict[str, Column] = {}
        self._unseen: Counter[str] = Counter()
        self._counted = Sketch()

    def run(self) -> Done:
        """Score all rows and return a small result, or the key of a stored one.

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
            work.lease.report(Stage.SCORING, 0, total)
            pipeline = self._opened()
            told = pipeline if order.threshold is None else pipeline.at(order.threshold)
            writer = self._scored(pipeline, told, sources, folder, total)
            work.lease.report(Stage.WRITING, total, total)
            summary = self._summary(told, writer, time.perf_counter() - started)
            note_found(summary, kind_of_data(work.attempt.sources), "job")
            result: str | HeldResult | None = writer.held(summary, settings.result_held_rows)
            if result is None:
                result = work.attempt.result_key
                writer.store(work.store, result, summary)
        return noted(result, order, work.attempt.tenant_id, self._counted)

    def _scored(
        self,
        pipeline: FittedPipeline,
        told: FittedPipeline,
        sources: Sources,
        folder: Callable[[], Path],
        total: int,
    ) -> ResultWriter:
        writer: ResultWriter | None = None
        baseline = self._baseline()
        for frame in sources.batches():
            scored = scored_rows(frame, pipeline, self._order.label_column)
            self._counted += Sketch.of(baseline, pipeline, frame, scored)
            chunk = Chunk(frame, told.scored(scored.raw), frame, 0)
            writer = written(writer, folder, told, self._order.request, chunk)
            self._look_up(frame, pipeline)
            self._work.lease.report(Stage.SCORING, writer.n_rows, total)
        assert writer is not None  # a dataset has at least one row, or it would have been refused
        note_cells(list(self._columns.values()), writer.n_rows, kind_of_data(self._work.attempt.sources))
        return writer

    def _look_up(self, frame: pl.DataFrame, pipeline: FittedPipeline) -> None:
        self._unseen.update(pipeline.unseen(frame))
        for column in columns_in(frame, pipeline):
            before = self._columns.get(column.name)
            missing = column.missing + (before.missing if before else 0)
            self._columns[column.name] = msgspec.structs.replace(column, missing=missing)

    def _baseline(self) -> Baseline | None:
        attempts, model = self._work.attempts, self._order.model
        with attempts.sessions.read() as session:
            return kept_baseline(session, self._work.attempt.tenant_id, model.model_id, model.version)

    def _opened(self) -> FittedPipeline:
        order, work = self._order, self._work
        settings = work.settings
        try:
            return load(
                work.store,
                order.artefact_key,
                order.artefact_sha256,
                settings.secret,
                settings.former_secrets,
            )
        except UnreadableError as error:
            raise ProblemError(
                "model-unreadable",
                f"Version {order.model.version} of the model {order.model.name}, which the job was submitted "
                f"for, cannot be used: {error}. Submit the job again with a version that is there.",
            ) from error

    def _summary(self, told: FittedPipeline, writer: ResultWriter, seconds: float) -> ResultSummary:
        return ResultSummary(
            algorithm=told.algorithm,
            threshold=told.threshold,
            contamination=told.contamination,
            n_rows=writer.n_rows,
            n_anomalies=writer.n_anomalies,
            feature_names=list(told.feature_names),
            columns=list(self._columns.values()),
            warnings=warnings_of_unseen(self._unseen),
            elapsed_ms=round(seconds * 1000, 3),
            model=self._order.model,
        )


def noted(result: str | HeldResult, order: ScoringOrder, tenant_id: str, counted: Sketch) -> Noted:
    """A result, with which the counts of its rows become those of the version that scored them."""
    model_id, version = order.model.model_id, order.model.version

    def note(session: Session) -> None:
        add_counted(session, tenant_id, model_id, version, this_hour(), counted)

    return Noted(result, note, f"{model_id}@{version}")


def _score(order: ScoringOrder, work: Work) -> Done:
    return ScoringRun(order, work).run()


register(JobKind(KIND_SCORING, ScoringOrder, _score))
