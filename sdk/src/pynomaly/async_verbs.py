# ruff: noqa: ASYNC109  `timeout` is a promised argument, and bounds more than one block
"""The promised verbs: detecting at once and as a job, uploading, and asking how a job and the server are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pynomaly._generated.resources_async import AsyncResources
from pynomaly.async_detector import AsyncDetector
from pynomaly.frames import DetectionOptions, prepare_upload
from pynomaly.jobs.async_handle import AsyncJobHandle
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    from pynomaly._generated.models import Dataset, Health, Job
    from pynomaly.requests import BatchDetectionRequest
    from pynomaly.results import DetectionResult
    from pynomaly.rows import RowTable


class AsyncVerbs(AsyncResources):
    """What a client does by verbs of its own; the client sets the defaults that they go by."""

    _detector: AsyncDetector
    _algorithm: str | None
    _contamination: float | Literal["auto"] | None
    _parameters: Mapping[str, Any]

    async def detect_anomalies(
        self,
        data: Any,
        algorithm: str | None = None,
        contamination: float | Literal["auto"] | None = None,
        return_confidence: bool = False,
        include_explanations: bool = False,
        ensemble_methods: Sequence[str] | None = None,
        model_id: str | None = None,
        features: Sequence[str] | None = None,
        column_types: Mapping[str, str] | None = None,
        timestamp_column: str | None = None,
        series_column: str | None = None,
        windows: Mapping[str, Any] | int | None = None,
        random_state: int | None = None,
        timeout: float | None = None,
        **parameters: Any,
    ) -> DetectionResult:
        """Find the anomalies among the rows of `data`.

        Args:
            data: Path of a CSV, Parquet, JSON, NDJSON, Arrow or NPY file; a list of rows (lists or dicts); a
                dict of columns; a NumPy array of shape (rows, columns); a pandas or polars frame; an Arrow
                table; or a `DetectionRequest`.
            algorithm: Name of an algorithm, see `client.algorithms.list_algorithms()`; `isolation_forest`
                where None.
            contamination: Expected share of anomalies in (0, 0.5], or `auto`; 0.1 where None.
            return_confidence: Whether the result has `confidence`, in [0, 1] per row.
            include_explanations: Whether anomalous rows are explained.
            ensemble_methods: Algorithms that score together, as the algorithm `ensemble`.
            model_id: A trained model, `name`, `name@version` or `name@alias`, that scores the rows instead of
                one fitted to them; what says how to fit is then left out.
            features: Columns the model may use; all usable ones where None.
            column_types: Type of columns by name where the server should not guess: numeric, categorical,
                boolean, datetime, identifier or text.
            timestamp_column: The column that says when each row was measured: the rows are then time series.
            series_column: The column that tells several series in one table apart.
            windows: Puts an algorithm on rows on sliding windows of ordered rows: their length, or a mapping
                of `length`, `stride`, `normalise` ("none", "series", "window") and `combine` ("mean",
                "last").
            random_state: Seed in [0, 2**32 - 1]; the same seed and data give the same scores.
            timeout: Seconds for this call.
            **parameters: Parameters of the algorithm.

        Raises:
            DataError: The data cannot be sent; the message names the place.
            FileNotFoundError: There is no such file.
            UnprocessableEntityError: The server cannot use the data or an option.
            APIError: No usable answer came.
        """
        options = self._detection_options(
            algorithm=algorithm,
            contamination=contamination,
            return_confidence=return_confidence or None,
            include_explanations=include_explanations or None,
            ensemble_methods=ensemble_methods,
            features=features,
            column_types=column_types,
            timestamp_column=timestamp_column,
            series_column=series_column,
            windows=windows,
            random_state=random_state,
            model_id=model_id,
            parameters=parameters,
        )
        return await self._detector.detect(data, options, timeout)

    async def detect_anomalies_batch(
        self,
        data: Any,
        algorithm: str | None = None,
        contamination: float | Literal["auto"] | None = None,
        return_confidence: bool = False,
        include_explanations: bool = True,
        ensemble_methods: Sequence[str] | None = None,
        model_id: str | None = None,
        features: Sequence[str] | None = None,
        column_types: Mapping[str, str] | None = None,
        timestamp_column: str | None = None,
        series_column: str | None = None,
        windows: Mapping[str, Any] | int | None = None,
        random_state: int | None = None,
        timeout: float | None = None,
        **parameters: Any,
    ) -> RowTable:
        """Detect as `detect_anomalies` does, with one result per row: `row["score"]`, `row["prediction"]`,
        `row["explanation"]`.

        Every row is explained unless `include_explanations=False`.
        """
        options = self._detection_options(
            algorithm=algorithm,
            contamination=contamination,
            return_confidence=return_confidence or None,
            include_explanations=include_explanations or None,
            explain_rows="all" if include_explanations else None,
            ensemble_methods=ensemble_methods,
            features=features,
            column_types=column_types,
            timestamp_column=timestamp_column,
            series_column=series_column,
            windows=windows,
            random_state=random_state,
            model_id=model_id,
            parameters=parameters,
        )
        result = await self._detector.detect(data, options, timeout)
        return result.rows()

    async def batch_detect(
        self,
        request: BatchDetectionRequest | None = None,
        *,
        data_sources: Sequence[Any] | None = None,
        model_id: str | None = None,
        algorithm: str | None = None,
        contamination: float | Literal["auto"] | None = None,
        return_confidence: bool = False,
        include_explanations: bool = False,
        ensemble_methods: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        column_types: Mapping[str, str] | None = None,
        timestamp_column: str | None = None,
        series_column: str | None = None,
        windows: Mapping[str, Any] | int | None = None,
        random_state: int | None = None,
        output_format: Literal["json", "ndjson", "csv", "parquet", "excel"] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **parameters: Any,
    ) -> AsyncJobHandle:
        """Submit a detection over stored datasets as a job.

        Args:
            request: The whole request; the other arguments are for calls without one.
            data_sources: Ids of datasets, `https://` URLs, `pynomaly.RemoteSource` for what is read with a
                stored credential, paths of local files, or tables as `detect_anomalies` takes them; files and
                tables are uploaded first, each once.
            model_id: A trained model, `name`, `name@version` or `name@alias`, that scores the rows instead of
                one fitted to them; the version that it means at the submission scores all of them.
            algorithm: Name of an algorithm.
            contamination: Expected share of anomalies in (0, 0.5], or `auto`.
            return_confidence: Whether the result has `confidence`.
            include_explanations: Whether anomalous rows are explained.
            ensemble_methods: Algorithms that score together.
            features: Columns the model may use.
            column_types: Type of columns by name.
            timestamp_column: The column that says when each row was measured: the rows are then time series.
            series_column: The column that tells several series apart.
            windows: Sliding windows, as `detect_anomalies` takes them.
            random_state: Seed in [0, 2**32 - 1].
            output_format: Format of the result for whoever fetches it without naming one.
            idempotency_key: Makes a repeated submission safe, its uploads included; generated where None.
            timeout: Seconds for each upload and for the submission.
            **parameters: Parameters of the algorithm.

        Raises:
            DataError: There is no data source, or one cannot be sent.
            APIError: No usable answer came.
        """
        fields = self._detection_options(
            model_id=model_id or (None if request is None else request.model_id),
            algorithm=algorithm,
            contamination=contamination,
            return_confidence=return_confidence or None,
            include_explanations=include_explanations or None,
            ensemble_methods=ensemble_methods,
            features=features,
            column_types=column_types,
            timestamp_column=timestamp_column,
            series_column=series_column,
            windows=windows,
            random_state=random_state,
            parameters=parameters,
        ).given()
        sources = data_sources
        if request is not None:
            fields = {**fields, **request.model_dump(exclude_unset=True, exclude_none=True)}
            sources = request.data_sources if sources is None else sources
        if output_format is not None:
            fields["output_format"] = output_format
        return await self._detector.submit(
            sources, fields, idempotency_key=idempotency_key, options=CallOptions(timeout=timeout)
        )

    async def upload_dataset(
        self,
        data: Any,
        name: str | None = None,
        *,
        progress: bool = False,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Dataset:
        """Store a table at the server, for any number of jobs to read.

        Args:
            data: Path of a file, which is streamed, or a table, as `detect_anomalies` takes them.
            name: A name for people; a file's own where None.
            progress: Whether to show a progress bar: HTML in notebooks, a line on stderr elsewhere.
            idempotency_key: Makes a repeated upload of the same table safe; generated where None.
            timeout: Seconds for the upload; 120 where None, `math.inf` for no limit.

        Raises:
            DataError: The data cannot be sent.
            FileNotFoundError: There is no such file.
            UnprocessableEntityError: The server cannot use the table.
            APIError: No usable answer came.
        """
        upload = prepare_upload(data, name)
        with upload.watched(progress=progress) as content:
            return await self.datasets.upload_dataset(
                content,
                name=upload.name,
                idempotency_key=idempotency_key,
                options=CallOptions(timeout=timeout),
            )

    async def get_job_status(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Return a job as it is now: `state`, `progress`, `error` and times.

        Args:
            job_id: Id of the job.
            timeout: Seconds for this call.

        Raises:
            NotFoundError: There is no such job for this key.
            APIError: No usable answer came.
        """
        return await self.jobs.get_job_status(job_id, options=CallOptions(timeout=timeout))

    async def health_check(self, *, timeout: float | None = None) -> Health:
        """Return how the server and its parts are.

        Args:
            timeout: Seconds for this call.

        Raises:
            APIError: No usable answer came.
        """
        return await self.system.health_check(options=CallOptions(timeout=timeout))

    def _detection_options(
        self,
        *,
        algorithm: str | None,
        contamination: float | Literal["auto"] | None,
        parameters: Mapping[str, Any],
        **named: Any,
    ) -> DetectionOptions:
        """The options of a call over the client's defaults; its parameters are for its own algorithm
        alone."""
        if named.get("model_id") is not None:
            # What the client would fit by says nothing of a model that is fitted already.
            return DetectionOptions(
                algorithm=algorithm, contamination=contamination, parameters=parameters, **named
            )
        same = algorithm in (None, self._algorithm) and not named.get("ensemble_methods")
        return DetectionOptions(
            algorithm=algorithm or self._algorithm,
            contamination=self._contamination if contamination is None else contamination,
            parameters={**(self._parameters if same else {}), **parameters},
            **named,
        )
