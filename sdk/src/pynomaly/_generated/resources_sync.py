# Generated from openapi/ by `make generate`; do not edit.
"""One class per tag, one method per operation; synchronous."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

from pynomaly._generated import operations as ops

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pynomaly._generated import models
    from pynomaly.transport import Body, CallOptions, Content, Driver, ServerEvent


def _json_content(body: Any) -> BaseModel | Content:
    """Write a body that is no model as JSON."""
    from pydantic import BaseModel
    from pydantic_core import to_json

    from pynomaly.transport import Content

    return body if isinstance(body, BaseModel | Content) else Content("application/json", to_json(body))


class DetectionResource:
    """Detect anomalies in rows sent with the request."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def detect_anomalies(
        self,
        body: models.DetectionRequest | Content,
        *,
        model_id: str | None = None,
        algorithm: str | None = None,
        parameters: dict[str, Any] | None = None,
        ensemble_methods: list[str] | None = None,
        contamination: float | Literal["auto"] | None = None,
        features: list[str] | None = None,
        column_types: dict[
            str, Literal["numeric", "categorical", "boolean", "datetime", "identifier", "text"]
        ]
        | None = None,
        timestamp_column: str | None = None,
        series_column: str | None = None,
        windows: models.Windows | None = None,
        return_confidence: bool | None = None,
        include_explanations: bool | None = None,
        explain_rows: Literal["anomalies", "all"] | None = None,
        random_state: int | None = None,
        options: CallOptions | None = None,
    ) -> models.DetectionResult:
        """Detect anomalies in the rows of this request.

        Fits the algorithm to the rows and scores each of them. Rows come as JSON or, with the options as
        query parameters, as CSV, NDJSON, Parquet, an Arrow stream or NumPy's NPY format.

        Numeric, categorical, boolean and date columns are used as they are; identifier columns are kept out
        of the model and returned beside the scores; free text is left out with a warning; missing values are
        handled and reported in `warnings`. Rows past the server's limit, and an algorithm that would take
        longer on them than a caller should wait, answer 413: upload them (`uploadDataset`) and submit a job
        (`batchDetect`).

        With `timestamp_column` the rows are time series: they are scored in the order of time, by an
        algorithm for ordered rows or by any algorithm on sliding `windows`, and answered in the order they
        came.

        Access: callers with the scope `detect:run`.

        Args:
            body: The rows, and in JSON the options too.
            model_id: A trained model that scores the rows; for bodies other than JSON.
            algorithm: Name or alias of an algorithm; for bodies other than JSON. The server's default is
                `isolation_forest`.
            parameters: Parameters of the algorithm as a JSON object; for bodies other than JSON.
            ensemble_methods: Algorithms that score together, repeated for each; for bodies other than
                JSON.
            contamination: Expected share of anomalous rows, or `auto`; for bodies other than JSON. The
                server's default is `0.1`.
            features: Column the model may use, repeated for several; for bodies other than JSON.
            column_types: Types of columns as a JSON object; for bodies other than JSON.
            timestamp_column: The column that orders the rows in time; for bodies other than JSON.
            series_column: The column that tells several series apart; for bodies other than JSON.
            windows: Sliding windows as a JSON object; for bodies other than JSON.
            return_confidence: Whether to return `confidence`; for bodies other than JSON. The server's
                default is `false`.
            include_explanations: Whether to return `explanations`; for bodies other than JSON. The
                server's default is `false`.
            explain_rows: Which rows are explained; for bodies other than JSON. The server's default is
                `anomalies`.
            random_state: Seed of the algorithm; for bodies other than JSON. The server's default is `0`.
            options: What this call does differently from its client.

        Returns:
            One score and one prediction per row.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.DETECT_ANOMALIES,
            models.DetectionResult,
            query={
                "model_id": model_id,
                "algorithm": algorithm,
                "parameters": parameters,
                "ensemble_methods": ensemble_methods,
                "contamination": contamination,
                "features": features,
                "column_types": column_types,
                "timestamp_column": timestamp_column,
                "series_column": series_column,
                "windows": windows,
                "return_confidence": return_confidence,
                "include_explanations": include_explanations,
                "explain_rows": explain_rows,
                "random_state": random_state,
            },
            body=body,
            options=options,
        )


class AlgorithmsResource:
    """The algorithms on offer, their parameters and capabilities."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_algorithms(self, *, options: CallOptions | None = None) -> models.AlgorithmList:
        """List the algorithms.

        Every algorithm on offer with its parameters as JSON Schema, its capabilities and its cost class.

        Access: every caller with a valid credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            The algorithms.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.LIST_ALGORITHMS, models.AlgorithmList, options=options)

    def get_algorithm(self, name: str, *, options: CallOptions | None = None) -> models.Algorithm:
        """Describe one algorithm.

        One algorithm by its name or an alias.

        Access: every caller with a valid credential.

        Args:
            name: Name or alias of the algorithm.
            options: What this call does differently from its client.

        Returns:
            The algorithm.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_ALGORITHM,
            models.Algorithm,
            path={
                "name": name,
            },
            options=options,
        )


class DatasetsResource:
    """Data stored on the server for batch jobs."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_datasets(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.DatasetList:
        """List datasets.

        The caller's datasets, newest first.

        Access: callers with the scope `datasets:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of datasets.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_DATASETS,
            models.DatasetList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_datasets_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.Dataset]:
        """List datasets.

        The caller's datasets, newest first.

        Access: callers with the scope `datasets:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_datasets(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_datasets: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def upload_dataset(
        self,
        body: models.JsonTable | Content,
        *,
        name: str | None = None,
        idempotency_key: str | None = None,
        options: CallOptions | None = None,
    ) -> models.Dataset:
        """Upload a dataset.

        Stores a table for batch jobs. The body is streamed to storage and read once, so that a file that
        cannot be used is refused here and not later in a job. Repeat an upload safely with an
        `Idempotency-Key`: the same table under the same key makes one dataset.

        Access: callers with the scope `datasets:write`.

        Args:
            body: The table; JSON is an array of rows.
            name: A name for people, such as the file's.
            idempotency_key: Makes a repeated submission safe: the same key with the same body gets the
                first answer again for 24 hours.
            options: What this call does differently from its client.

        Returns:
            The dataset is stored.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.UPLOAD_DATASET,
            models.Dataset,
            query={
                "name": name,
            },
            headers={
                "Idempotency-Key": idempotency_key,
            },
            body=_json_content(body),
            options=options,
        )

    def get_dataset(self, dataset_id: str, *, options: CallOptions | None = None) -> models.Dataset:
        """Describe a dataset.

        Size, shape and media type of a stored dataset.

        Access: callers with the scope `datasets:read`.

        Args:
            dataset_id: Id of the dataset.
            options: What this call does differently from its client.

        Returns:
            The dataset.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_DATASET,
            models.Dataset,
            path={
                "dataset_id": dataset_id,
            },
            options=options,
        )

    def delete_dataset(self, dataset_id: str, *, options: CallOptions | None = None) -> None:
        """Delete a dataset.

        Removes a dataset and all that is derived from it, but no result of a job that has read it. A dataset
        that a queued or running job names is kept (409); cancel the job first, or wait for its end.

        Access: callers with the scope `datasets:write`.

        Args:
            dataset_id: Id of the dataset.
            options: What this call does differently from its client.

        Returns:
            The dataset is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_DATASET,
            type(None),
            path={
                "dataset_id": dataset_id,
            },
            options=options,
        )

    def profile_dataset(
        self, dataset_id: str, *, options: CallOptions | None = None
    ) -> models.DatasetProfile:
        """Profile a dataset.

        What a dataset holds: the type of each column as detection would guess it, missing, distinct and
        frequent values, the shape of its numbers, repeated rows, and what deserves a look before a model
        learns from it. Made at the first call and kept.

        Access: callers with the scope `datasets:read`.

        Args:
            dataset_id: Id of the dataset.
            options: What this call does differently from its client.

        Returns:
            The profile.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.PROFILE_DATASET,
            models.DatasetProfile,
            path={
                "dataset_id": dataset_id,
            },
            options=options,
        )


class JobsResource:
    """Work in the background, batch detection over stored datasets above all."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def batch_detect(
        self,
        body: models.BatchDetectionRequest,
        *,
        idempotency_key: str | None = None,
        options: CallOptions | None = None,
    ) -> models.Job:
        """Submit a batch detection.

        Detects anomalies in uploaded datasets, or tables behind URLs, in the background. 202 means that the
        job is stored and will be worked on, whatever crashes; repeat a submission safely with an
        `Idempotency-Key`. With `model_id`, one version of a trained model scores all rows.

        Access: callers with the scope `jobs:write`.

        Args:
            body: The datasets and the options.
            idempotency_key: Makes a repeated submission safe: the same key with the same body gets the
                first answer again for 24 hours.
            options: What this call does differently from its client.

        Returns:
            The job is stored.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.BATCH_DETECT,
            models.Job,
            headers={
                "Idempotency-Key": idempotency_key,
            },
            body=body,
            options=options,
        )

    def list_jobs(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
        options: CallOptions | None = None,
    ) -> models.JobList:
        """List jobs.

        The caller's jobs, newest first.

        Access: callers with the scope `jobs:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            state: Only jobs in this state.
            options: What this call does differently from its client.

        Returns:
            A page of jobs.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_JOBS,
            models.JobList,
            query={
                "limit": limit,
                "cursor": cursor,
                "state": state,
            },
            options=options,
        )

    def list_jobs_iter(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[models.Job]:
        """List jobs.

        The caller's jobs, newest first.

        Access: callers with the scope `jobs:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            state: Only jobs in this state.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_jobs(limit=limit, cursor=cursor, state=state, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_jobs: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def get_job_status(
        self, job_id: str, *, wait: float | None = None, options: CallOptions | None = None
    ) -> models.Job:
        """Get a job.

        State and progress of a job; with `wait` the answer comes when the job has ended or the time is up.

        Access: callers with the scope `jobs:read`.

        Args:
            job_id: Id of the job.
            wait: Seconds to wait for the job's end before answering. The server's default is `0`.
            options: What this call does differently from its client.

        Returns:
            The job.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_JOB_STATUS,
            models.Job,
            path={
                "job_id": job_id,
            },
            query={
                "wait": wait,
            },
            options=options,
        )

    def cancel_job(self, job_id: str, *, options: CallOptions | None = None) -> models.Job:
        """Cancel a job.

        Asks a job to stop: a queued one ends at once, a running one within a second or two. A job that has
        ended answers 409.

        Access: callers with the scope `jobs:write`.

        Args:
            job_id: Id of the job.
            options: What this call does differently from its client.

        Returns:
            The job, cancelled or about to be.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.CANCEL_JOB,
            models.Job,
            path={
                "job_id": job_id,
            },
            options=options,
        )

    def get_job_result(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        only: Literal["all", "anomalies"] | None = None,
        format: Literal["json", "ndjson", "csv", "parquet", "excel"] | None = None,
        options: CallOptions | None = None,
    ) -> models.JobResultPage:
        """Get the result of a job.

        The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
        workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
        `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is
        quoted in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422
        `too-many-rows`. A job that has not succeeded answers 409, and one whose `expires_at` has passed 410.

        Access: callers with the scope `jobs:read`.

        Args:
            job_id: Id of the job.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            only: Which rows to return. The server's default is `all`.
            format: The format, for callers that cannot set `Accept`.
            options: What this call does differently from its client.

        Returns:
            The result, whole or a page of it.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            GoneError: What was there is no longer kept (`result-expired`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_JOB_RESULT,
            models.JobResultPage,
            path={
                "job_id": job_id,
            },
            query={
                "limit": limit,
                "cursor": cursor,
                "only": only,
                "format": format,
            },
            options=options,
        )

    def get_job_result_stream(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        only: Literal["all", "anomalies"] | None = None,
        format: Literal["json", "ndjson", "csv", "parquet", "excel"] | None = None,
        accept: str,
        options: CallOptions | None = None,
    ) -> AbstractContextManager[Body]:
        """Get the result of a job.

        The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
        workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
        `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is
        quoted in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422
        `too-many-rows`. A job that has not succeeded answers 409, and one whose `expires_at` has passed 410.

        Access: callers with the scope `jobs:read`.

        Args:
            job_id: Id of the job.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            only: Which rows to return. The server's default is `all`.
            format: The format, for callers that cannot set `Accept`.
            accept: The media type to get: application/x-ndjson or text/csv or
                application/vnd.apache.parquet or
                application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.
            options: What this call does differently from its client.

        Returns:
            The answer as it arrives, in a media type of its own; use it in a `with` statement.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            GoneError: What was there is no longer kept (`result-expired`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        return self._driver.stream(
            ops.GET_JOB_RESULT,
            accept=accept,
            path={
                "job_id": job_id,
            },
            query={
                "limit": limit,
                "cursor": cursor,
                "only": only,
                "format": format,
            },
            options=options,
        )

    def get_job_result_iter(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        only: Literal["all", "anomalies"] | None = None,
        format: Literal["json", "ndjson", "csv", "parquet", "excel"] | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[models.ResultRow]:
        """Get the result of a job.

        The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
        workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
        `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is
        quoted in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422
        `too-many-rows`. A job that has not succeeded answers 409, and one whose `expires_at` has passed 410.

        Access: callers with the scope `jobs:read`.

        Args:
            job_id: Id of the job.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            only: Which rows to return. The server's default is `all`.
            format: The format, for callers that cannot set `Accept`.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            GoneError: What was there is no longer kept (`result-expired`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.get_job_result(
                job_id, limit=limit, cursor=cursor, only=only, format=format, options=options
            )
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("get_job_result: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def stream_job_events(
        self, job_id: str, *, last_event_id: str | None = None, options: CallOptions | None = None
    ) -> Iterator[ServerEvent[models.Job]]:
        """Follow a job.

        Server-sent events: one `job` event with the whole job at each change, until it has ended.
        `Last-Event-ID` resumes after a lost connection.

        Access: callers with the scope `jobs:read`.

        Args:
            job_id: Id of the job.
            last_event_id: Id of the last event received.
            options: What this call does differently from its client.

        Returns:
            The stream of events; the data of each is a job.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.events(
            ops.STREAM_JOB_EVENTS,
            models.Job,
            path={
                "job_id": job_id,
            },
            headers={
                "Last-Event-ID": last_event_id,
            },
            options=options,
        )


class ModelsResource:
    """Detectors trained once, kept in versions, found by aliases, and scored with."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_models(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.ModelList:
        """List models.

        The caller's models, newest first.

        Access: callers with the scope `models:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of models.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_MODELS,
            models.ModelList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_models_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.Model]:
        """List models.

        The caller's models, newest first.

        Access: callers with the scope `models:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_models(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_models: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def train_model(
        self,
        body: models.TrainingRequest,
        *,
        idempotency_key: str | None = None,
        options: CallOptions | None = None,
    ) -> models.Job:
        """Train a model.

        Fits a detector in the background and keeps it as the next version of the model of this name, which is
        made where there is none. The rows come with the request (`data`), or from datasets and addresses as
        those of a batch detection. The job's `model` names the version once it has succeeded. With a
        `label_column` the version has metrics; the column itself is kept out of the model. Rows sent along
        are stored as a dataset. Repeat a training safely with an `Idempotency-Key`.

        Access: callers with the scope `models:write`.

        Args:
            body: The name, the rows and the options.
            idempotency_key: Makes a repeated submission safe: the same key with the same body gets the
                first answer again for 24 hours.
            options: What this call does differently from its client.

        Returns:
            The job is stored.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.TRAIN_MODEL,
            models.Job,
            headers={
                "Idempotency-Key": idempotency_key,
            },
            body=body,
            options=options,
        )

    def get_model(self, name: str, *, options: CallOptions | None = None) -> models.Model:
        """Describe a model.

        A model with its newest version and its aliases.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            options: What this call does differently from its client.

        Returns:
            The model.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL,
            models.Model,
            path={
                "name": name,
            },
            options=options,
        )

    def delete_model(self, name: str, *, options: CallOptions | None = None) -> None:
        """Delete a model.

        Removes a model with all of its versions. While an alias points at one of them, or a job that has not
        ended scores with one, the answer is 409 and names it; delete the aliases first, and wait for the jobs
        or cancel them. The name is free again.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            options: What this call does differently from its client.

        Returns:
            The model is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_MODEL,
            type(None),
            path={
                "name": name,
            },
            options=options,
        )

    def list_model_versions(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions | None = None,
    ) -> models.ModelVersionList:
        """List the versions of a model.

        The versions of a model, newest first.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of versions.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_MODEL_VERSIONS,
            models.ModelVersionList,
            path={
                "name": name,
            },
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_model_versions_iter(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[models.ModelVersionSummary]:
        """List the versions of a model.

        The versions of a model, newest first.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_model_versions(name, limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError(
                    "list_model_versions: the server gave the cursor of this page as the next one."
                )
            cursor = page.next_cursor

    def get_model_version(
        self, name: str, version: int, *, options: CallOptions | None = None
    ) -> models.ModelVersion:
        """Describe a version of a model.

        What a version was made of and what it is: parameters, the training data's hash, columns and profile,
        metrics where there were labels, versions of libraries, the hash of its artefact, who trained it and
        when. A version never changes.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            version: Number of the version.
            options: What this call does differently from its client.

        Returns:
            The version.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL_VERSION,
            models.ModelVersion,
            path={
                "name": name,
                "version": version,
            },
            options=options,
        )

    def delete_model_version(self, name: str, version: int, *, options: CallOptions | None = None) -> None:
        """Delete a version of a model.

        Removes a version; its number is not given again. While an alias points at it, or a job that has not
        ended scores with it, the answer is 409 and names the alias or job.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            version: Number of the version.
            options: What this call does differently from its client.

        Returns:
            The version is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_MODEL_VERSION,
            type(None),
            path={
                "name": name,
                "version": version,
            },
            options=options,
        )

    def get_model_alias(
        self, name: str, alias: str, *, options: CallOptions | None = None
    ) -> models.ModelAliasHistory:
        """Describe an alias.

        Where an alias points, and where it pointed before.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The alias with its history.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL_ALIAS,
            models.ModelAliasHistory,
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )

    def set_model_alias(
        self, name: str, alias: str, body: models.ModelAliasTarget, *, options: CallOptions | None = None
    ) -> models.ModelAlias:
        """Point an alias at a version.

        Makes an alias or moves it, at once for all callers: a prediction is made by the version before or by
        the new one, never by both. With a `canary` a share of the requests is scored by a second version,
        with a `shadow` another version scores them too, after the answer. Setting it to what it is already
        changes nothing.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            body: The version.
            options: What this call does differently from its client.

        Returns:
            The alias.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.SET_MODEL_ALIAS,
            models.ModelAlias,
            path={
                "name": name,
                "alias": alias,
            },
            body=body,
            options=options,
        )

    def delete_model_alias(self, name: str, alias: str, *, options: CallOptions | None = None) -> None:
        """Delete an alias.

        Removes an alias and its history; the version stays.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The alias is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_MODEL_ALIAS,
            type(None),
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )

    def rollback_model_alias(
        self, name: str, alias: str, *, options: CallOptions | None = None
    ) -> models.ModelAlias:
        """Roll an alias back.

        Undoes the last change of an alias: it points where it pointed before, with the canary or shadow that
        it had; called again, one step further back. Versions deleted meanwhile are passed over. Where there
        is none before, the answer is 409.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The alias.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.ROLLBACK_MODEL_ALIAS,
            models.ModelAlias,
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )

    def predict_with_model(
        self,
        name: str,
        body: models.PredictionRequest | Content,
        *,
        return_confidence: bool | None = None,
        include_explanations: bool | None = None,
        explain_rows: Literal["anomalies", "all"] | None = None,
        options: CallOptions | None = None,
    ) -> models.DetectionResult:
        """Score rows with a model.

        Scores rows with a version of a model: `name` is its newest version, `name@3` a certain one,
        `name@production` the one that an alias points at. Each row's score depends on the row alone. The rows
        must have the columns that the model was trained with, of the same types; the answer names the version
        that scored.

        Access: callers with the scope `models:use`.

        Args:
            name: The model by name or id, or a version of it, `name@version` or `name@alias`.
            body: The rows, and in JSON the options too.
            return_confidence: Whether to return `confidence`; for bodies other than JSON. The server's
                default is `false`.
            include_explanations: Whether to return `explanations`; for bodies other than JSON. The
                server's default is `false`.
            explain_rows: Which rows are explained; for bodies other than JSON. The server's default is
                `anomalies`.
            options: What this call does differently from its client.

        Returns:
            One score and one prediction per row.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.PREDICT_WITH_MODEL,
            models.DetectionResult,
            path={
                "name": name,
            },
            query={
                "return_confidence": return_confidence,
                "include_explanations": include_explanations,
                "explain_rows": explain_rows,
            },
            body=body,
            options=options,
        )

    def get_model_feedback(self, name: str, *, options: CallOptions | None = None) -> models.ModelFeedback:
        """Say how right a model was.

        Precision and recall of a version on the rows that labels were given for, at the threshold that holds,
        and the threshold that would have served best. `name@production` is the version that the alias points
        at, with the threshold of the alias.

        Access: callers with the scope `models:read`.

        Args:
            name: The model by name or id, or a version of it, `name@version` or `name@alias`.
            options: What this call does differently from its client.

        Returns:
            What the labels say.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL_FEEDBACK,
            models.ModelFeedback,
            path={
                "name": name,
            },
            options=options,
        )

    def give_model_feedback(
        self, name: str, body: models.ModelFeedbackRequest, *, options: CallOptions | None = None
    ) -> models.ModelFeedback:
        """Label scored rows.

        Says of rows that a version has scored whether they were anomalies. The rows come along as they were
        scored; a row's score depends on the row alone, so that the server knows it again. Of the rows
        themselves nothing is kept but a hash. The same row again replaces its label, so that a request may be
        repeated. The answer is that of `getModelFeedback`.

        Access: callers with the scope `models:use`.

        Args:
            name: The model by name or id, or a version of it, `name@version` or `name@alias`.
            body: The rows and their labels.
            options: What this call does differently from its client.

        Returns:
            What the labels say.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GIVE_MODEL_FEEDBACK,
            models.ModelFeedback,
            path={
                "name": name,
            },
            body=body,
            options=options,
        )

    def package_model(self, name: str, *, options: CallOptions | None = None) -> bytes:
        """Get a version of a model as a file.

        The model with a card for people and its configuration in YAML, as one file that is signed with the
        key of this installation: `name` is the newest version, `name@3` a certain one, `name@production` the
        one that an alias points at. The same version has always the same bytes. `importModel` takes them
        back, here or at an installation whose operator trusts this one's key.

        Access: callers with the scopes `models:read` and `models:use`.

        Args:
            name: The model by name or id, or a version of it, `name@version` or `name@alias`.
            options: What this call does differently from its client.

        Returns:
            The package.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        return self._driver.read(
            ops.PACKAGE_MODEL,
            path={
                "name": name,
            },
            options=options,
        )

    def import_model(
        self, body: Content, *, name: str | None = None, options: CallOptions | None = None
    ) -> models.ModelVersion:
        """Import a version of a model.

        Makes the next version of a model from a file that `packageModel` gave. It is taken where this
        installation signed it, or one whose key the operator trusts (422 `untrusted-package` otherwise), and
        the signature is verified before anything in it is read; a file that is damaged or of a newer format
        answers 422 `bad-package`. Where the model has that version already, the answer names it and nothing
        is made, so that an import may be repeated.

        Access: callers with the scope `models:write`.

        Args:
            body: The file.
            name: Name of the model; that which it was packaged from where it is left out.
            options: What this call does differently from its client.

        Returns:
            The version.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.IMPORT_MODEL,
            models.ModelVersion,
            query={
                "name": name,
            },
            body=body,
            options=options,
        )

    def get_model_drift(
        self, name: str, *, hours: int | None = None, options: CallOptions | None = None
    ) -> models.ModelDrift:
        """Say how far a model's rows have moved.

        Compares the rows that a version has scored, and their scores, with those that it was trained on: the
        population stability index and the Kolmogorov-Smirnov statistic of each feature. `name@production` is
        the version that the alias points at.

        Access: callers with the scope `models:read`.

        Args:
            name: The model by name or id, or a version of it, `name@version` or `name@alias`.
            hours: How many hours are looked at, the present one included. The server's default is `24`.
            options: What this call does differently from its client.

        Returns:
            The drift.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL_DRIFT,
            models.ModelDrift,
            path={
                "name": name,
            },
            query={
                "hours": hours,
            },
            options=options,
        )

    def get_model_retraining(
        self, name: str, alias: str, *, options: CallOptions | None = None
    ) -> models.ModelRetraining:
        """Describe how an alias is trained anew.

        The rule of an alias, what it is about, and what came of it last.

        Access: callers with the scope `models:read`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The rule.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_MODEL_RETRAINING,
            models.ModelRetraining,
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )

    def set_model_retraining(
        self, name: str, alias: str, body: models.RetrainingRule, *, options: CallOptions | None = None
    ) -> models.ModelRetraining:
        """Say how an alias is trained anew.

        Makes or changes the rule by which new versions are trained on the newest dataset of a name, validated
        on rows held out against the version that the alias points at, put behind the alias where they pass,
        watched there, and taken back where errors or alerts rise.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            body: The rule.
            options: What this call does differently from its client.

        Returns:
            The rule.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.SET_MODEL_RETRAINING,
            models.ModelRetraining,
            path={
                "name": name,
                "alias": alias,
            },
            body=body,
            options=options,
        )

    def delete_model_retraining(self, name: str, alias: str, *, options: CallOptions | None = None) -> None:
        """Delete the rule of an alias.

        Ends training anew and watching; a training that runs makes its version, but moves no alias.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The rule is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_MODEL_RETRAINING,
            type(None),
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )

    def retrain_model(self, name: str, alias: str, *, options: CallOptions | None = None) -> models.Job:
        """Train an alias anew now.

        Does what the rule of the alias would do when it is due. Where a training by the rule runs already, or
        its last version is still being watched, the answer is 409.

        Access: callers with the scope `models:write`.

        Args:
            name: Name of the model, or its id.
            alias: Name of the alias.
            options: What this call does differently from its client.

        Returns:
            The job is stored.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.RETRAIN_MODEL,
            models.Job,
            path={
                "name": name,
                "alias": alias,
            },
            options=options,
        )


class AuthResource:
    """Who is calling; logging in and out; the API keys of the tenant."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def create_token(
        self, body: models.LoginRequest, *, options: CallOptions | None = None
    ) -> models.TokenPair:
        """Log in.

        Exchanges a username and a password for an access token, which is a bearer credential for 15 minutes
        unless the server is set up otherwise, and a refresh token, which is good for new ones. A wrong
        password, an unknown user and a disabled one are answered alike.

        Access: everybody, without a credential.

        Args:
            body: Who logs in.
            options: What this call does differently from its client.

        Returns:
            The tokens.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CREATE_TOKEN, models.TokenPair, body=body, options=options)

    def refresh_token(
        self, body: models.RefreshRequest, *, options: CallOptions | None = None
    ) -> models.TokenPair:
        """Renew an access token.

        Exchanges a refresh token for new tokens. Each refresh token works once: when one that was used
        already comes back, nobody can tell its owner from a thief, so the whole session ends and its user has
        to log in again.

        Access: everybody, without a credential.

        Args:
            body: The refresh token.
            options: What this call does differently from its client.

        Returns:
            The new tokens.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.REFRESH_TOKEN, models.TokenPair, body=body, options=options)

    def revoke_token(self, body: models.RefreshRequest, *, options: CallOptions | None = None) -> None:
        """Log out.

        Ends the session of a refresh token: its access tokens are refused within a second, and no refresh
        token of it works any more. An unknown token, or one of a session that has ended, is answered in the
        same way.

        Access: everybody, without a credential.

        Args:
            body: The refresh token.
            options: What this call does differently from its client.

        Returns:
            The session has ended.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(ops.REVOKE_TOKEN, type(None), body=body, options=options)

    def who_am_i(self, *, options: CallOptions | None = None) -> models.Caller:
        """Say who is calling.

        The caller that the credential stands for, its tenant and what it may do.

        Access: every caller with a valid credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            The caller.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.WHO_AM_I, models.Caller, options=options)

    def list_api_keys(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.ApiKeyList:
        """List API keys.

        The tenant's API keys, newest first, revoked and expired ones included. The keys themselves are never
        shown again.

        Access: callers with the scope `keys:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of keys.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_API_KEYS,
            models.ApiKeyList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_api_keys_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.ApiKey]:
        """List API keys.

        The tenant's API keys, newest first, revoked and expired ones included. The keys themselves are never
        shown again.

        Access: callers with the scope `keys:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_api_keys(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_api_keys: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def create_api_key(
        self, body: models.CreateApiKeyRequest, *, options: CallOptions | None = None
    ) -> models.NewApiKey:
        """Make an API key.

        Makes a key and shows it, this once. A key can be given no scope that the caller lacks.

        Access: callers with the scope `keys:write`.

        Args:
            body: What the key is for and what it may do.
            options: What this call does differently from its client.

        Returns:
            The key.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CREATE_API_KEY, models.NewApiKey, body=body, options=options)

    def get_api_key(self, key_id: str, *, options: CallOptions | None = None) -> models.ApiKey:
        """Describe an API key.

        Name, scopes, expiry and last use of a key.

        Access: callers with the scope `keys:read`.

        Args:
            key_id: Id of the key.
            options: What this call does differently from its client.

        Returns:
            The key.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_API_KEY,
            models.ApiKey,
            path={
                "key_id": key_id,
            },
            options=options,
        )

    def revoke_api_key(self, key_id: str, *, options: CallOptions | None = None) -> models.ApiKey:
        """Revoke an API key.

        The key is refused by every process of the server within a second. Revoking it again changes nothing.

        Access: callers with the scope `keys:write`.

        Args:
            key_id: Id of the key.
            options: What this call does differently from its client.

        Returns:
            The revoked key.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.REVOKE_API_KEY,
            models.ApiKey,
            path={
                "key_id": key_id,
            },
            options=options,
        )

    def rotate_api_key(
        self, key_id: str, body: models.RotateApiKeyRequest, *, options: CallOptions | None = None
    ) -> models.NewApiKey:
        """Replace an API key.

        Makes a key with the name, the scopes and the expiry of this one and shows it, this once. The old key
        goes on working for `overlap_seconds`, so that callers can change over without a failed request. A key
        that is revoked or expired answers 409.

        Access: callers with the scope `keys:write`.

        Args:
            key_id: Id of the key.
            body: How long both keys work.
            options: What this call does differently from its client.

        Returns:
            The new key.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.ROTATE_API_KEY,
            models.NewApiKey,
            path={
                "key_id": key_id,
            },
            body=body,
            options=options,
        )


class UsersResource:
    """The users of the tenant, who log in with a password and have a role."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_users(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.UserList:
        """List users.

        The tenant's users, newest first, disabled ones included.

        Access: callers with the scope `users:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of users.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_USERS,
            models.UserList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_users_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.User]:
        """List users.

        The tenant's users, newest first, disabled ones included.

        Access: callers with the scope `users:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_users(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_users: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor

    def create_user(self, body: models.UserCreation, *, options: CallOptions | None = None) -> models.User:
        """Make a user.

        Makes a user, who can log in at once. Nobody can give a role that may do more than they may. A
        username that is taken in the tenant answers 409.

        Access: callers with the scope `users:write`.

        Args:
            body: Who it is and what they may do.
            options: What this call does differently from its client.

        Returns:
            The user.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CREATE_USER, models.User, body=body, options=options)

    def get_user(self, user_id: str, *, options: CallOptions | None = None) -> models.User:
        """Get a user.

        Name, role and state of a user.

        Access: callers with the scope `users:read`.

        Args:
            user_id: Id of the user.
            options: What this call does differently from its client.

        Returns:
            The user.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_USER,
            models.User,
            path={
                "user_id": user_id,
            },
            options=options,
        )

    def delete_user(self, user_id: str, *, options: CallOptions | None = None) -> None:
        """Delete a user.

        Deletes a user and ends every session they have. The last admin of a tenant cannot be deleted (409).

        Access: callers with the scope `users:write`.

        Args:
            user_id: Id of the user.
            options: What this call does differently from its client.

        Returns:
            The user is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_USER,
            type(None),
            path={
                "user_id": user_id,
            },
            options=options,
        )

    def update_user(
        self, user_id: str, body: models.UserChanges, *, options: CallOptions | None = None
    ) -> models.User:
        """Change a user.

        Changes what is given and leaves the rest. A role takes effect within a second on every process of the
        server. Disabling a user, or setting a password for them, ends every session they have. Nobody can
        change a user who may do more than they may, and the last admin of a tenant stays one (409).

        Access: callers with the scope `users:write`.

        Args:
            user_id: Id of the user.
            body: What is to change.
            options: What this call does differently from its client.

        Returns:
            The user as it is now.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.UPDATE_USER,
            models.User,
            path={
                "user_id": user_id,
            },
            body=body,
            options=options,
        )

    def change_password(self, body: models.PasswordChange, *, options: CallOptions | None = None) -> None:
        """Change one's own password.

        Gives the user who calls another password and ends every other session they have; the one that calls
        goes on. A `current_password` that is wrong answers 422, and an API key, which has no password, is
        answered 403.

        Access: every caller with a valid credential.

        Args:
            body: The password as it is and as it is to be.
            options: What this call does differently from its client.

        Returns:
            The password is changed.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(ops.CHANGE_PASSWORD, type(None), body=body, options=options)


class CredentialsResource:
    """Stored access to buckets and databases that batch jobs read from."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_credentials(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.CredentialList:
        """List stored credentials.

        The tenant's credentials, newest first, without their secrets.

        Access: callers with the scope `credentials:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of credentials.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_CREDENTIALS,
            models.CredentialList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_credentials_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.Credential]:
        """List stored credentials.

        The tenant's credentials, newest first, without their secrets.

        Access: callers with the scope `credentials:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_credentials(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError(
                    "list_credentials: the server gave the cursor of this page as the next one."
                )
            cursor = page.next_cursor

    def create_credential(
        self, body: models.CredentialRequest, *, options: CallOptions | None = None
    ) -> models.Credential:
        """Store a credential.

        Stores what a worker needs to read a bucket or a database for this tenant's jobs. The secrets are
        encrypted, and nothing shows them again; the answer has a hint by which to tell them. Where they would
        be sent has to be on the public internet.

        Access: callers with the scope `credentials:write`.

        Args:
            body: The name and the secrets.
            options: What this call does differently from its client.

        Returns:
            The credential, without its secrets.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CREATE_CREDENTIAL, models.Credential, body=body, options=options)

    def get_credential(self, credential_id: str, *, options: CallOptions | None = None) -> models.Credential:
        """Describe a stored credential.

        What a credential is for and when it was stored, without its secrets.

        Access: callers with the scope `credentials:read`.

        Args:
            credential_id: Id of the stored credential.
            options: What this call does differently from its client.

        Returns:
            The credential.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_CREDENTIAL,
            models.Credential,
            path={
                "credential_id": credential_id,
            },
            options=options,
        )

    def replace_credential(
        self, credential_id: str, body: models.CredentialRequest, *, options: CallOptions | None = None
    ) -> models.Credential:
        """Replace a stored credential.

        Puts a new name and new secrets of the same kind in place of the old ones, whole: nothing of the old
        is kept. Jobs that have not read their sources yet use the new ones.

        Access: callers with the scope `credentials:write`.

        Args:
            credential_id: Id of the stored credential.
            body: The name and the secrets.
            options: What this call does differently from its client.

        Returns:
            The credential, without its secrets.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.REPLACE_CREDENTIAL,
            models.Credential,
            path={
                "credential_id": credential_id,
            },
            body=body,
            options=options,
        )

    def delete_credential(self, credential_id: str, *, options: CallOptions | None = None) -> None:
        """Delete a stored credential.

        Deletes a credential. While a job that has not ended is to read a source with it, the answer is 409
        and names the job.

        Access: callers with the scope `credentials:write`.

        Args:
            credential_id: Id of the stored credential.
            options: What this call does differently from its client.

        Returns:
            The credential is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_CREDENTIAL,
            type(None),
            path={
                "credential_id": credential_id,
            },
            options=options,
        )


class AuditResource:
    """Who did what, in a log that shows tampering."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_audit_log(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        outcome: Literal["succeeded", "refused", "failed"] | None = None,
        since: str | None = None,
        until: str | None = None,
        format: Literal["json", "ndjson", "csv"] | None = None,
        options: CallOptions | None = None,
    ) -> models.AuditLog:
        """Show who did what.

        The tenant's audit log, newest first: every operation that changes something, every download of a
        result, and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages;
        as NDJSON or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are
        ignored.

        Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and
        `hash`, so that an entry that was changed, removed or moved is found by `pynomaly audit verify`.
        Refusals, failures and downloads that repeat within a minute are noted once.

        Access: callers with the scope `audit:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            actor: Only what this caller did, by the id of its key or user.
            action: Only this operation, such as `createApiKey`.
            resource: Only what was done to the resource with this id.
            outcome: Only entries that ended so.
            since: Only entries from this moment on.
            until: Only entries before this moment.
            format: The format, for callers that cannot set `Accept`.
            options: What this call does differently from its client.

        Returns:
            A page of the log, or all of it.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_AUDIT_LOG,
            models.AuditLog,
            query={
                "limit": limit,
                "cursor": cursor,
                "actor": actor,
                "action": action,
                "resource": resource,
                "outcome": outcome,
                "since": since,
                "until": until,
                "format": format,
            },
            options=options,
        )

    def list_audit_log_stream(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        outcome: Literal["succeeded", "refused", "failed"] | None = None,
        since: str | None = None,
        until: str | None = None,
        format: Literal["json", "ndjson", "csv"] | None = None,
        accept: str,
        options: CallOptions | None = None,
    ) -> AbstractContextManager[Body]:
        """Show who did what.

        The tenant's audit log, newest first: every operation that changes something, every download of a
        result, and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages;
        as NDJSON or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are
        ignored.

        Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and
        `hash`, so that an entry that was changed, removed or moved is found by `pynomaly audit verify`.
        Refusals, failures and downloads that repeat within a minute are noted once.

        Access: callers with the scope `audit:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            actor: Only what this caller did, by the id of its key or user.
            action: Only this operation, such as `createApiKey`.
            resource: Only what was done to the resource with this id.
            outcome: Only entries that ended so.
            since: Only entries from this moment on.
            until: Only entries before this moment.
            format: The format, for callers that cannot set `Accept`.
            accept: The media type to get: application/x-ndjson or text/csv.
            options: What this call does differently from its client.

        Returns:
            The answer as it arrives, in a media type of its own; use it in a `with` statement.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        return self._driver.stream(
            ops.LIST_AUDIT_LOG,
            accept=accept,
            query={
                "limit": limit,
                "cursor": cursor,
                "actor": actor,
                "action": action,
                "resource": resource,
                "outcome": outcome,
                "since": since,
                "until": until,
                "format": format,
            },
            options=options,
        )

    def list_audit_log_iter(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        outcome: Literal["succeeded", "refused", "failed"] | None = None,
        since: str | None = None,
        until: str | None = None,
        format: Literal["json", "ndjson", "csv"] | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[models.AuditEntry]:
        """Show who did what.

        The tenant's audit log, newest first: every operation that changes something, every download of a
        result, and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages;
        as NDJSON or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are
        ignored.

        Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and
        `hash`, so that an entry that was changed, removed or moved is found by `pynomaly audit verify`.
        Refusals, failures and downloads that repeat within a minute are noted once.

        Access: callers with the scope `audit:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            actor: Only what this caller did, by the id of its key or user.
            action: Only this operation, such as `createApiKey`.
            resource: Only what was done to the resource with this id.
            outcome: Only entries that ended so.
            since: Only entries from this moment on.
            until: Only entries before this moment.
            format: The format, for callers that cannot set `Accept`.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_audit_log(
                limit=limit,
                cursor=cursor,
                actor=actor,
                action=action,
                resource=resource,
                outcome=outcome,
                since=since,
                until=until,
                format=format,
                options=options,
            )
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError("list_audit_log: the server gave the cursor of this page as the next one.")
            cursor = page.next_cursor


class UsageResource:
    """What the tenant has used of its quotas."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def get_usage(self, *, options: CallOptions | None = None) -> models.Usage:
        """Show what is used of the quotas.

        What the tenant has used of each of its quotas: requests and scored rows in this month (UTC), bytes of
        its datasets, and jobs that have not ended.

        Access: every caller with a valid credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            What is used.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.GET_USAGE, models.Usage, options=options)


class WebhooksResource:
    """Signed messages to the caller's own servers when jobs end."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def list_webhook_endpoints(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> models.WebhookEndpointList:
        """List webhook endpoints.

        The caller's endpoints, newest first, without their secrets.

        Access: callers with the scope `webhooks:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            A page of endpoints.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_WEBHOOK_ENDPOINTS,
            models.WebhookEndpointList,
            query={
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def list_webhook_endpoints_iter(
        self, *, limit: int | None = None, cursor: str | None = None, options: CallOptions | None = None
    ) -> Iterator[models.WebhookEndpoint]:
        """List webhook endpoints.

        The caller's endpoints, newest first, without their secrets.

        Access: callers with the scope `webhooks:read`.

        Args:
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_webhook_endpoints(limit=limit, cursor=cursor, options=options)
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError(
                    "list_webhook_endpoints: the server gave the cursor of this page as the next one."
                )
            cursor = page.next_cursor

    def create_webhook_endpoint(
        self, body: models.WebhookEndpointCreation, *, options: CallOptions | None = None
    ) -> models.WebhookEndpointSecret:
        """Create a webhook endpoint.

        Registers an address that is told when jobs end. Each message is signed by the Standard Webhooks
        scheme; the answer holds the secret that verifies it, and nothing shows it again. The address must be
        public and https.

        Access: callers with the scope `webhooks:write`.

        Args:
            body: The address and what it is told.
            options: What this call does differently from its client.

        Returns:
            The endpoint, with its secret.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.CREATE_WEBHOOK_ENDPOINT, models.WebhookEndpointSecret, body=body, options=options
        )

    def get_webhook_endpoint(
        self, endpoint_id: str, *, options: CallOptions | None = None
    ) -> models.WebhookEndpoint:
        """Get a webhook endpoint.

        An endpoint, without its secret.

        Access: callers with the scope `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            options: What this call does differently from its client.

        Returns:
            The endpoint.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.GET_WEBHOOK_ENDPOINT,
            models.WebhookEndpoint,
            path={
                "endpoint_id": endpoint_id,
            },
            options=options,
        )

    def delete_webhook_endpoint(self, endpoint_id: str, *, options: CallOptions | None = None) -> None:
        """Delete a webhook endpoint.

        Deletes an endpoint with its deliveries. An attempt that is under way may still arrive.

        Access: callers with the scope `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            options: What this call does differently from its client.

        Returns:
            The endpoint is gone.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        self._driver.call(
            ops.DELETE_WEBHOOK_ENDPOINT,
            type(None),
            path={
                "endpoint_id": endpoint_id,
            },
            options=options,
        )

    def update_webhook_endpoint(
        self, endpoint_id: str, body: models.WebhookEndpointChanges, *, options: CallOptions | None = None
    ) -> models.WebhookEndpoint:
        """Change a webhook endpoint.

        Changes what is given and leaves the rest. While an endpoint is disabled it is sent nothing, and what
        was pending for it ends as failed.

        Access: callers with the scope `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            body: What is to change.
            options: What this call does differently from its client.

        Returns:
            The endpoint as it is now.

        Raises:
            BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
                `bad-request`).
            NotFoundError: There is no such resource for this caller (`not-found`).
            PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
                (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
                (`job-limit-exceeded`).
            UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
                (`unsupported-media-type`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.UPDATE_WEBHOOK_ENDPOINT,
            models.WebhookEndpoint,
            path={
                "endpoint_id": endpoint_id,
            },
            body=body,
            options=options,
        )

    def rotate_webhook_secret(
        self, endpoint_id: str, *, options: CallOptions | None = None
    ) -> models.WebhookEndpointSecret:
        """Rotate the secret of a webhook endpoint.

        Gives the endpoint a new secret. For 24 hours messages carry two signatures, by the new secret and by
        the one it replaces, so that receivers can change over; rotating again within that time drops the
        older one at once.

        Access: callers with the scope `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            options: What this call does differently from its client.

        Returns:
            The endpoint, with its new secret.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.ROTATE_WEBHOOK_SECRET,
            models.WebhookEndpointSecret,
            path={
                "endpoint_id": endpoint_id,
            },
            options=options,
        )

    def test_webhook_endpoint(
        self, endpoint_id: str, *, options: CallOptions | None = None
    ) -> models.WebhookDelivery:
        """Send a test message.

        Sends a message of the type `webhook.test`, whatever types the endpoint is subscribed to. A disabled
        endpoint answers 409.

        Access: callers with the scope `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            options: What this call does differently from its client.

        Returns:
            The delivery is stored and will be sent.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.TEST_WEBHOOK_ENDPOINT,
            models.WebhookDelivery,
            path={
                "endpoint_id": endpoint_id,
            },
            options=options,
        )

    def list_webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["pending", "delivered", "failed"] | None = None,
        options: CallOptions | None = None,
    ) -> models.WebhookDeliveryList:
        """List the deliveries of a webhook endpoint.

        What was sent to an endpoint, or is to be, newest first, each with its latest attempts. Deliveries are
        kept for 30 days.

        Access: callers with the scope `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            state: Only deliveries in this state.
            options: What this call does differently from its client.

        Returns:
            A page of deliveries.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.LIST_WEBHOOK_DELIVERIES,
            models.WebhookDeliveryList,
            path={
                "endpoint_id": endpoint_id,
            },
            query={
                "limit": limit,
                "cursor": cursor,
                "state": state,
            },
            options=options,
        )

    def list_webhook_deliveries_iter(
        self,
        endpoint_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["pending", "delivered", "failed"] | None = None,
        options: CallOptions | None = None,
    ) -> Iterator[models.WebhookDelivery]:
        """List the deliveries of a webhook endpoint.

        What was sent to an endpoint, or is to be, newest first, each with its latest attempts. Deliveries are
        kept for 30 days.

        Access: callers with the scope `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            limit: How many items to return at most. The server's default is `100`.
            cursor: The `next_cursor` of the page before; leave it out for the first page.
            state: Only deliveries in this state.
            options: What this call does differently from its client.

        Returns:
            The items of every page, fetched as they are needed.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        while True:
            page = self.list_webhook_deliveries(
                endpoint_id, limit=limit, cursor=cursor, state=state, options=options
            )
            for item in page.items:
                yield item
            if not page.next_cursor:
                return
            if page.next_cursor == cursor:
                raise RuntimeError(
                    "list_webhook_deliveries: the server gave the cursor of this page as the next one."
                )
            cursor = page.next_cursor

    def redeliver_webhook(
        self, endpoint_id: str, delivery_id: str, *, options: CallOptions | None = None
    ) -> models.WebhookDelivery:
        """Send a delivery again.

        Sends the message again with the same `webhook-id`, at once and then on the usual schedule. While the
        endpoint is disabled, or an attempt is under way, the answer is 409.

        Access: callers with the scope `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint.
            delivery_id: Id of the delivery.
            options: What this call does differently from its client.

        Returns:
            The delivery, pending again.

        Raises:
            NotFoundError: There is no such resource for this caller (`not-found`).
            ConflictError: The resource is in a state that does not allow this (`conflict`,
                `request-in-progress`, `credential-unreadable`, `model-unreadable`).
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(
            ops.REDELIVER_WEBHOOK,
            models.WebhookDelivery,
            path={
                "endpoint_id": endpoint_id,
                "delivery_id": delivery_id,
            },
            options=options,
        )


class SystemResource:
    """Health, the contract itself and its documentation."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def health_check(self, *, options: CallOptions | None = None) -> models.Health:
        """Check the server.

        Asks the database, the broker and the workers and says how each is. Always 200 while the process can
        answer; read `status`.

        Access: everybody, without a credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            State of the server and its parts.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.HEALTH_CHECK, models.Health, options=options)

    def check_liveness(self, *, options: CallOptions | None = None) -> models.Liveness:
        """Check that the process lives.

        For process supervisors. It asks nothing else, so a failing database does not restart the server.

        Access: everybody, without a credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            It lives.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CHECK_LIVENESS, models.Liveness, options=options)

    def check_readiness(self, *, options: CallOptions | None = None) -> models.Health:
        """Check that requests can be served.

        For load balancers. 503 while the database cannot be reached. Without broker or workers it stays 200
        and says `degraded`: detection works, and submitted jobs are stored and wait.

        Access: everybody, without a credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            Ready.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.CHECK_READINESS, models.Health, options=options)

    def get_metrics(self, *, options: CallOptions | None = None) -> bytes:
        """Read the figures of the server.

        Counters, histograms and gauges of the whole server in Prometheus' text format: all API processes,
        workers and sweepers together, whichever of them answers, so one address is to be scraped and not each
        process. They are about all tenants; callers of another tenant than `default`, which is the
        operator's, are refused with 403. What a part that is away would have said is left out.

        Access: callers with the scope `metrics:read`.

        Args:
            options: What this call does differently from its client.

        Returns:
            The figures.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        return self._driver.read(ops.GET_METRICS, options=options)

    def get_contract(self, *, options: CallOptions | None = None) -> models.Contract:
        """Get the contract.

        This document, bundled into one.

        Access: everybody, without a credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            The OpenAPI document.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        from pynomaly._generated import models

        return self._driver.call(ops.GET_CONTRACT, models.Contract, options=options)

    def get_docs(self, *, options: CallOptions | None = None) -> bytes:
        """Read the documentation.

        A page to read the contract and try it out; works without internet access.

        Access: everybody, without a credential.

        Args:
            options: What this call does differently from its client.

        Returns:
            The page.

        Raises:
            UnprocessableEntityError: The input was understood but cannot be used (`validation`,
                `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`,
                `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`,
                `untrusted-package`).
            APIStatusError: The server refused for another reason; there is a subclass per status.
            APIConnectionError: No whole answer came.
            APITimeoutError: The deadline passed.
        """
        return self._driver.read(ops.GET_DOCS, options=options)


class Resources:
    """Every resource, one attribute per tag of the contract."""

    def __init__(self, driver: Driver) -> None:
        self.detection = DetectionResource(driver)
        self.algorithms = AlgorithmsResource(driver)
        self.datasets = DatasetsResource(driver)
        self.jobs = JobsResource(driver)
        self.models = ModelsResource(driver)
        self.auth = AuthResource(driver)
        self.users = UsersResource(driver)
        self.credentials = CredentialsResource(driver)
        self.audit = AuditResource(driver)
        self.usage = UsageResource(driver)
        self.webhooks = WebhooksResource(driver)
        self.system = SystemResource(driver)
