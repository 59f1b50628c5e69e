"""Detects anomalies in the data sources of one claimed job: read, fit, score in chunks, store the result."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.fitting import Findings, fit
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.jobs.fetching import gathered
from pynomaly_server.jobs.findings import Chunk, summary_of, written
from pynomaly_server.jobs.kinds import Done, JobKind, Work, register
from pynomaly_server.jobs.limits import check_rows
from pynomaly_server.jobs.results import ResultWriter
from pynomaly_server.jobs.shards.scoring import join_shards, score_shard
from pynomaly_server.jobs.shards.staging import Staging
from pynomaly_server.jobs.sources import Sources, kind_of_data
from pynomaly_server.jobs.state import Stage
from pynomaly_server.telemetry.figures import note_cells, note_found

SPLIT_REMEDY: Final = "Submit the datasets in several jobs."


class DetectionRun:
    """The work of one attempt.

    A model is fitted on every row where there are at most `job_fit_rows`, and the rows then have the scores
    they would have in a synchronous detection; where there are more, it is fitted on a uniform sample drawn
    with the job's seed.
    """

    def __init__(self, request: BatchDetectionRequest, work: Work) -> None:
        self._request = request
        self._work = work
        self._attempt = work.attempt
        self._store = work.store
        self._settings = work.settings
        self._lease = work.lease
        self._will_stage = work.will_stage

    def run(self) -> Done:
        """Do it all and return a small result or the key of a stored one, or fit and return shards to score.

        Raises:
            ProblemError: the data or the options cannot be used, whoever tries.
            LeaseLostError, CancelRequestedError: it is over before it is done.
        """
        started = time.perf_counter()
        with ExitStack() as stack, as_problems(SPLIT_REMEDY):

            @cache
            def folder() -> Path:
                return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-job-")))

            sources = Sources(
                gathered(self._work, stack),
                dataset_limits(self._settings),
                self._settings.job_chunk_rows,
            )
            total = sources.n_rows
            check_rows(total, self._request, self._settings)
            staging = self._staging(total, folder, stack)
            pipeline, whole = self._fit(sources, total, staging)
            if staging is not None and (plan := staging.finish(pipeline)):
                return plan
            writer = self._score(pipeline, sources, whole, total, folder)
            self._lease.report(Stage.WRITING, total, total)
            summary = summary_of(
                pipeline,
                n_rows=writer.n_rows,
                n_anomalies=writer.n_anomalies,
                fitted_on=None if whole is not None else self._settings.job_fit_rows,
                elapsed_seconds=time.perf_counter() - started,
            )
            note_found(summary, kind_of_data(self._attempt.sources), "job")
            held = writer.held(summary, self._settings.result_held_rows)
            if held is not None:
                return held
            writer.store(self._store, self._attempt.result_key, summary)
        return self._attempt.result_key

    def _staging(self, total: int, folder: Callable[[], Path], stack: ExitStack) -> Staging | None:
        """Where the rows are put for shards, where there are enough of them to be worth it.

        A model that was fitted on all rows has scored them already, so there is nothing left to share out.
        """
        if total <= max(self._settings.job_fit_rows, self._settings.job_shard_rows):
            return None
        self._will_stage()
        return stack.enter_context(Staging(self._store, self._attempt.parts_key, folder(), self._settings))

    def _fit(
        self, sources: Sources, total: int, staging: Staging | None
    ) -> tuple[Findings, pl.DataFrame | None]:
        """The fitted pipeline, and all rows where it was fitted on all of them."""

        def look_up(batch: pl.DataFrame) -> None:
            if staging is not None:
                staging.add(batch)
            self._lease.report(Stage.READING, 0, total)

        self._lease.report(Stage.READING, 0, total)
        request = self._request
        fits = total <= self._settings.job_fit_rows
        frame = (
            sources.whole(look_up)
            if fits
            else sources.sample(self._settings.job_fit_rows, request.random_state, look_up)
        )
        self._lease.report(Stage.FITTING, 0, total)
        pipeline = fit(frame, request)
        note_cells(pipeline.columns, frame.height, kind_of_data(self._attempt.sources))
        return pipeline, frame if fits else None

    def _score(
        self,
        pipeline: Findings,
        sources: Sources,
        whole: pl.DataFrame | None,
        total: int,
        folder: Callable[[], Path],
    ) -> ResultWriter:
        self._lease.report(Stage.SCORING, 0, total)
        writer: ResultWriter | None = None
        for chunk in self._scored(pipeline, sources, whole):
            writer = written(writer, folder, pipeline, self._request, chunk)
            self._lease.report(Stage.SCORING, writer.n_rows, total)
        assert writer is not None  # a dataset has at least one row, or it would have been refused
        return writer

    def _scored(self, pipeline: Findings, sources: Sources, whole: pl.DataFrame | None) -> Iterator[Chunk]:
        if whole is None:
            # Submission refuses series too long to be fitted whole, so here is something that scores rows.
            assert isinstance(pipeline, FittedPipeline)
            for frame in sources.batches():
                yield Chunk(frame, pipeline.score(frame), frame, 0)
            return
        scored = pipeline.training
        for start in range(0, whole.height, self._settings.job_chunk_rows):
            rows = slice(start, start + self._settings.job_chunk_rows)
            part = Scored(scored.raw[rows], scored.scores[rows], scored.predictions[rows])
            yield Chunk(whole[rows], part, whole, start)


def _detect(request: BatchDetectionRequest, work: Work) -> Done:
    return DetectionRun(request, work).run()


register(JobKind("detection", BatchDetectionRequest, _detect, score_shard, join_shards))
