"""Trains a model in a claimed job: read, fit, measure, store the signed file, leave a version to record."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl
from sqlalchemy.orm import Session

from pynomaly_server.contract.structs import ModelMetrics, ModelValidation, TrainingData
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.fitting import check, fit_rows
from pynomaly_server.detection.pipeline import FittedPipeline, dump_pipeline
from pynomaly_server.detection.report import columns_of, warnings_of
from pynomaly_server.detectors.envelope import NotKeepable, read_header
from pynomaly_server.jobs.fetching import gathered
from pynomaly_server.jobs.kinds import JobKind, Recorded, Work, register
from pynomaly_server.jobs.limits import check_rows
from pynomaly_server.jobs.sources import Source, Sources
from pynomaly_server.jobs.state import Stage
from pynomaly_server.models.artefacts import UnreadableError, artefact_key, put, signing_key
from pynomaly_server.models.changes import announce
from pynomaly_server.models.drift.cells import baseline_of
from pynomaly_server.models.drift.repository import BASELINE
from pynomaly_server.models.loading import load_version
from pynomaly_server.models.metrics import labels_of, metrics_of
from pynomaly_server.models.order import KIND_TRAINING, TrainingOrder
from pynomaly_server.models.recording import check_room, record_version
from pynomaly_server.models.retraining.order import Validation
from pynomaly_server.models.retraining.validation import Parts, compared, parted
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.errors import BadTable, quoted
from pynomaly_server.tabular.profile import profile_table
from pynomaly_server.worker.broker import connect

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPLIT_REMEDY: Final = "Train on fewer rows or columns."
_PARQUET: Final = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows to fit, without their labels, and what they were taken from."""

    frame: pl.DataFrame
    labels: NDArray[Any] | None
    data: TrainingData
    parts: Parts | None = None


class TrainingRun:
    """The work of one attempt; a model is fitted on the rows that a batch detection would fit one on."""

    def __init__(self, order: TrainingOrder, work: Work) -> None:
        self._request = order.request
        self._created_by = order.created_by
        self._validation = order.validation
        self._work = work
        self._settings = work.settings

    def run(self) -> Recorded:
        """Train and store the model.

        Raises:
            ProblemError: the data or the options cannot be used, whoever tries.
            LeaseLostError, CancelRequestedError: it is over before it is done.
        """
        with ExitStack() as stack, as_problems(SPLIT_REMEDY):
            check(self._request)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-training-")))
            read = self._read(gathered(self._work, stack))
            total = read.data.n_rows
            self._work.lease.report(Stage.FITTING, 0, total)
            if self._validation is not None:
                read = self._without_held(read, self._validation)
            pipeline = fit_rows(read.frame, self._request)
            metrics = None if read.labels is None else metrics_of(pipeline.training, read.labels)
            self._work.lease.report(Stage.WRITING, total, total)
            return self._stored(pipeline, read, metrics, folder)

    def _read(self, local: Sequence[Source]) -> _Read:
        request, settings = self._request, self._settings
        sources = Sources(local, dataset_limits(settings), settings.job_chunk_rows)
        total = sources.n_rows
        check_rows(total, request, settings)

        def look_up(_batch: pl.DataFrame) -> None:
            self._work.lease.report(Stage.READING, 0, total)

        self._work.lease.report(Stage.READING, 0, total)
        data = TrainingData(
            sha256=_digest(local),
            n_rows=total,
            n_fitted_rows=min(total, settings.job_fit_rows),
            sources=[source.dataset_id for source in local],
        )
        if total <= settings.job_fit_rows:
            frame = sources.whole(look_up)
        else:
            frame = sources.sample(settings.job_fit_rows, request.random_state, look_up)
        if request.label_column is None:
            return _Read(frame, None, data)
        return _Read(*_without_labels(frame, request.label_column), data)

    def _without_held(self, read: _Read, validation: Validation) -> _Read:
        parts = parted(read.frame, read.labels, validation.holdout_share, self._request.random_state)
        data = msgspec.structs.replace(read.data, n_fitted_rows=parts.fitted.height)
        return _Read(parts.fitted, parts.labels, data, parts)

    def _validated(self, pipeline: FittedPipeline, parts: Parts, validation: Validation) -> ModelValidation:
        try:
            current = load_version(self._work, validation.model_id, validation.version)
        except UnreadableError as error:
            raise ProblemError(
                "model-unreadable",
                f"Version {validation.version} of the model {self._request.name}, which the new one was to "
                f"be compared with, cannot be used: {error}. Point the alias at another version.",
            ) from error
        return compared(pipeline, current, parts, validation)

    def _stored(
        self, pipeline: FittedPipeline, read: _Read, metrics: ModelMetrics | None, folder: Path
    ) -> Recorded:
        attempt, store = self._work.attempt, self._work.store
        key = signing_key(self._settings.secret)
        try:
            envelope = dump_pipeline(pipeline, key)
        except NotKeepable as error:
            raise ProblemError(
                "validation",
                f"A model of the algorithm {pipeline.algorithm} cannot be kept: {error} Train another "
                "algorithm, or detect without a model.",
            ) from error
        details: dict[str, Any] = {
            "parameters": pipeline.parameters,
            "threshold": pipeline.threshold,
            "random_state": self._request.random_state,
            "feature_names": list(pipeline.feature_names),
            "columns": columns_of(pipeline),
            "data": read.data,
            "profile": self._profile(read.frame, folder),
            BASELINE: baseline_of(pipeline, read.frame),
            "warnings": [*warnings_of(pipeline), *_of_sample(read), *_of_labels(metrics)],
            "libraries": read_header(envelope, key).libraries,
        }
        if read.parts is not None and self._validation is not None:
            details["validation"] = self._validated(pipeline, read.parts, self._validation)
        version = partial(
            self._record,
            tenant_id=attempt.tenant_id,
            name=self._request.name,
            algorithm=pipeline.algorithm,
            contamination=pipeline.contamination,
            n_rows=read.data.n_rows,
            label_column=self._request.label_column,
            metrics=msgspec.to_builtins(metrics),
            details=msgspec.to_builtins(details),
            artefact_key=artefact_key(attempt),
            artefact_sha256=hashlib.sha256(envelope).hexdigest(),
            artefact_bytes=len(envelope),
            job_id=attempt.job_id,
            created_by=self._created_by,
        )
        put(store, artefact_key(attempt), envelope, folder)
        return Recorded(version, [artefact_key(attempt)])

    def _record(self, session: Session, tenant_id: str, **values: Any) -> dict[str, Any]:
        with connect(self._settings.broker_url) as broker:
            announce(broker, tenant_id)
        check_room(session, tenant_id, self._settings.quota_stored_bytes, values["artefact_bytes"])
        return record_version(session, tenant_id, **values)

    def _profile(self, frame: pl.DataFrame, folder: Path) -> list[Any]:
        path = folder / "fitted.parquet"
        frame.write_parquet(path, compression="lz4")
        return profile_table(path, _PARQUET, dataset_limits(self._settings)).columns


def _digest(sources: Sequence[Source]) -> str:
    """The hash of the bytes of all sources, by those of each."""
    whole = hashlib.sha256()
    for source in sources:
        with source.path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _without_labels(frame: pl.DataFrame, label_column: str) -> tuple[pl.DataFrame, NDArray[Any]]:
    if label_column not in frame.columns:
        raise BadTable(
            f"There is no column {quoted(label_column)} to take labels from; the columns are "
            f"{', '.join(quoted(name) for name in frame.columns[:10])}{', …' if frame.width > 10 else ''}."
        )
    if frame.width == 1:
        raise BadTable(
            f"The column {quoted(label_column)} of labels is the only one: no column is left to learn from."
        )
    return frame.drop(label_column), labels_of(frame[label_column])


def _of_sample(read: _Read) -> list[ResultWarning]:
    data = read.data
    held = 0 if read.parts is None else read.parts.held.height
    if data.n_fitted_rows + held == data.n_rows:
        return []
    detail = (
        f"The model was fitted on {data.n_fitted_rows:,} of the {data.n_rows:,} rows, drawn at random; the "
        "profile, the metrics and counts of missing values are of that sample."
    )
    return [ResultWarning(code="fitted-on-sample", detail=detail)]


def _of_labels(metrics: ModelMetrics | None) -> list[ResultWarning]:
    if metrics is None or 0 < metrics.n_anomalies < metrics.n_labelled:
        return []
    if metrics.n_labelled == 0:
        said = "No row has a label"
    else:
        said = f"Every label says {'anomalous' if metrics.n_anomalies else 'normal'}"
    return [ResultWarning(code="one-sided-labels", detail=f"{said}, so that some metrics are not defined.")]


def _train(order: TrainingOrder, work: Work) -> Recorded:
    return TrainingRun(order, work).run()


register(JobKind(KIND_TRAINING, TrainingOrder, _train))
