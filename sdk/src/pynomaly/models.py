# Made from async_models.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Models: detectors that are trained once, kept in versions at the server, and score by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pynomaly._generated import operations as ops
from pynomaly._generated.resources_sync import ModelsResource
from pynomaly.detector import Detector
from pynomaly.errors import APIResponseError, DataError
from pynomaly.frames import DetectionOptions, prepare_detection
from pynomaly.jobs.handle import JobHandle
from pynomaly.resilience import Deadline
from pynomaly.transport.bodies import save
from pynomaly.transport.content import Content
from pynomaly.transport.driver import Driver
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    from pynomaly._generated.models import ModelAlias, ModelFeedback, ModelVersion, RemoteSource
    from pynomaly.results import DetectionResult

PACKAGE_MEDIA_TYPE: Final = "application/vnd.pynomaly.model-package"


class Models(ModelsResource):
    """Trains models, lists them, and scores with them.

    Args:
        driver: Carries the calls.
        detector: Uploads what is on this machine.
    """

    def __init__(self, driver: Driver, detector: Detector) -> None:
        super().__init__(driver)
        self._models_driver = driver
        self._detector = detector

    def use(self, reference: str) -> TrainedModel:
        """A model in the caller's hand; nothing is asked for it yet.

        Args:
            reference: Its name or id for the newest version, `name@3` for a certain one, `name@production`
                for the one that an alias points at.
        """
        return TrainedModel(self, reference)

    def submit(
        self,
        training_data: Any,
        model_name: str,
        fields: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> JobHandle:
        """Have a model trained in the background; `train_model` of the client waits for it.

        Args:
            training_data: Whatever `train_model` takes.
            model_name: Name of the model.
            fields: Further fields of `TrainingRequest`.
            idempotency_key: Makes a repeated submission safe, its upload included; generated where None.
            timeout: Seconds for the upload and for the submission, each.

        Raises:
            DataError: The data cannot be sent.
            APIError: No usable answer came.
        """
        from pynomaly._generated.models import TrainingRequest

        options = CallOptions(timeout=timeout)
        sources: Sequence[str | RemoteSource] = self._detector.stored(
            [training_data], idempotency_key, options
        )
        body = TrainingRequest.model_validate({**fields, "name": model_name, "data_sources": sources})
        job = self.train_model(body, idempotency_key=idempotency_key, options=options)
        return JobHandle(self._models_driver, job.job_id, job)

    def train(
        self,
        training_data: Any,
        model_name: str,
        fields: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        progress: bool = False,
        timeout: float | None = None,
    ) -> TrainedModel:
        """Have a model trained, and wait for it; see `train_model` of the client."""
        clock = self._models_driver.clock
        deadline = Deadline(clock.monotonic(), math.inf if timeout is None else timeout)
        handle = self.submit(
            training_data,
            model_name,
            fields,
            idempotency_key=idempotency_key,
            timeout=None if timeout is None else deadline.remaining(clock.monotonic()),
        )
        # The last look may come at the very end of the time.
        left = max(deadline.remaining(clock.monotonic()), 0.001)
        job = handle.wait(None if math.isinf(left) else left, progress=progress)
        if job.model is None:
            raise APIResponseError(f"The job {job.job_id} succeeded, but names no model that it made.")
        return TrainedModel(self, f"{job.model.name}@{job.model.version}")

    def predict(
        self,
        reference: str,
        data: Any,
        *,
        return_confidence: bool = False,
        include_explanations: bool = False,
        explain_rows: Literal["anomalies", "all"] | None = None,
        timeout: float | None = None,
    ) -> DetectionResult:
        """Score rows with a model; see `predict_with_model` of the client."""
        from pynomaly.results import DetectionResult

        options = DetectionOptions(
            return_confidence=return_confidence or None,
            include_explanations=include_explanations or None,
            explain_rows=explain_rows,
        )
        prepared = prepare_detection(data, options)
        result = self._models_driver.call(
            ops.PREDICT_WITH_MODEL,
            DetectionResult,
            path={"name": reference},
            query=prepared.query,
            body=prepared.content,
            options=CallOptions(timeout=timeout),
        )
        return result.beside(prepared.local)

    def package(self, reference: str, path: str | Path, *, timeout: float | None = None) -> Path:
        """Save a version as a signed file, which `load` makes a version of again; it is written as it comes.

        Args:
            reference: `name`, `name@version` or `name@alias`.
            path: Where to; a file that is there is replaced once the new one is whole.
            timeout: Seconds until the answer begins, and between two pieces of it.

        Raises:
            NotFoundError: There is no such model.
            APIError: No usable answer came.
        """
        target = Path(path)
        with self._models_driver.stream(
            ops.PACKAGE_MODEL,
            accept=PACKAGE_MEDIA_TYPE,
            path={"name": reference},
            options=CallOptions(timeout=timeout),
        ) as body:
            save(body.iter_bytes(), target)
        return target

    def load(
        self, path: str | Path, model_name: str | None = None, *, timeout: float | None = None
    ) -> TrainedModel:
        """Make the next version of a model from a file of `package`, which is streamed.

        The same file again is the same version.

        Args:
            path: The file.
            model_name: Name of the model; that which it was packaged from where None.
            timeout: Seconds for the upload; 120 where None, `math.inf` for no limit.

        Raises:
            FileNotFoundError: There is no such file.
            UnprocessableEntityError: The server cannot use the file, or trusts nobody who signed it.
            APIError: No usable answer came.
        """
        content = _package_in(Path(path))
        version = self.import_model(content, name=model_name, options=CallOptions(timeout=timeout))
        return TrainedModel(self, f"{version.name}@{version.version}")


class TrainedModel:
    """A model, or one version of it.

    Args:
        models: The models of the client.
        reference: `name`, `name@version` or `name@alias`.
    """

    def __init__(self, models: Models, reference: str) -> None:
        self._models = models
        self.reference = reference

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.reference}>"

    def __str__(self) -> str:
        return self.reference

    @property
    def name(self) -> str:
        """Name of the model, or its id where it was named by that."""
        return self.reference.partition("@")[0]

    def predict(
        self,
        data: Any,
        *,
        return_confidence: bool = False,
        include_explanations: bool = False,
        explain_rows: Literal["anomalies", "all"] | None = None,
        timeout: float | None = None,
    ) -> DetectionResult:
        """Score rows, each from itself alone; see `predict_with_model` of the client."""
        return self._models.predict(
            self.reference,
            data,
            return_confidence=return_confidence,
            include_explanations=include_explanations,
            explain_rows=explain_rows,
            timeout=timeout,
        )

    def version(self) -> int:
        """Number of the version that scores now: a certain one, an alias's, or the newest.

        Raises:
            NotFoundError: There is no such model or alias.
            DataError: Every version of the model is deleted.
        """
        which = self.reference.partition("@")[2]
        if which.isdigit():
            return int(which)
        if which and which != "latest":
            return (self._models.get_model_alias(self.name, which)).version
        newest = (self._models.get_model(self.name)).latest_version
        if newest is None:
            raise DataError(f"Every version of the model {self.name!r} is deleted; train another.")
        return newest

    def describe(self) -> ModelVersion:
        """What that version was made of and what it is; raises as `version` does."""
        return self._models.get_model_version(self.name, self.version())

    def set_alias(self, alias: str, *, threshold: float | None = None) -> ModelAlias:
        """Point an alias, such as `production`, at that version, at once for all callers; raises as `version`
        does.

        Args:
            alias: Its name.
            threshold: The least score of rows that are anomalous through the alias, on the scale of the
                version's own scores; that of the version, 0.5, where None.
        """
        from pynomaly._generated.models import ModelAliasTarget

        target = ModelAliasTarget(version=self.version(), threshold=threshold)
        return self._models.set_model_alias(self.name, alias, target)

    def give_feedback(
        self, rows: Sequence[Mapping[str, Any]], labels: Sequence[bool], *, timeout: float | None = None
    ) -> ModelFeedback:
        """Say of rows that were scored whether they were anomalies; the same row again replaces its label.

        Args:
            rows: The rows as they were scored, columns of identifiers included.
            labels: One for each, true for an anomaly.
            timeout: Seconds for this call.

        Returns:
            Precision and recall of the version on all labelled rows, and the threshold that would have served
            best.

        Raises:
            NotFoundError: There is no such model.
            UnprocessableEntityError: The rows are not of the columns that the model was trained with.
        """
        from pynomaly._generated.models import ModelFeedbackRequest

        body = ModelFeedbackRequest.model_validate(
            {"data": [dict(row) for row in rows], "labels": list(labels)}
        )
        return self._models.give_model_feedback(self.reference, body, options=CallOptions(timeout=timeout))

    def package(self, path: str | Path, *, timeout: float | None = None) -> Path:
        """Save that version as a signed file; see `client.models.package`."""
        return self._models.package(self.reference, path, timeout=timeout)

    def delete(self) -> None:
        """Delete that version, or the model with every version where none is named.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: An alias points at it.
        """
        if "@" in self.reference:
            self._models.delete_model_version(self.name, self.version())
        else:
            self._models.delete_model(self.name)


def _package_in(path: Path) -> Content:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r} (looked from {Path.cwd()}).")
    return Content(PACKAGE_MEDIA_TYPE, path)
