// Generated from openapi/ by `make generate`; do not edit.

import type { components } from "../contract/types.js";
import type { CallOptions } from "../transport/options.js";
import type { Content } from "../transport/content.js";
import type { Body, Driver } from "../transport/driver.js";
import { resourceClasses } from "../transport/resource.js";
import type { ServerEvent } from "../transport/sse.js";
import { operations } from "./operations.js";

/** The schemas of the contract by their names. */
export type Schemas = components["schemas"];

/**
 * Detect anomalies in rows sent with the request.
 */
export interface DetectionResource {
  /**
   * Detect anomalies in the rows of this request.
   *
   * Fits the algorithm to the rows and scores each of them. Rows come as JSON or, with the options as query
   * parameters, as CSV, NDJSON, Parquet, an Arrow stream or NumPy's NPY format.
   *
   * Numeric, categorical, boolean and date columns are used as they are; identifier columns are kept out of
   * the model and returned beside the scores; free text is left out with a warning; missing values are
   * handled and reported in `warnings`. Rows past the server's limit, and an algorithm that would take longer
   * on them than a caller should wait, answer 413: upload them (`uploadDataset`) and submit a job
   * (`batchDetect`).
   *
   * With `timestamp_column` the rows are time series: they are scored in the order of time, by an algorithm
   * for ordered rows or by any algorithm on sliding `windows`, and answered in the order they came.
   *
   * Access: callers with the scope `detect:run`.
   *
   * @param body - The rows, and in JSON the options too.
   * @param params.modelId - A trained model that scores the rows; for bodies other than JSON.
   * @param params.algorithm - Name or alias of an algorithm; for bodies other than JSON. The server's default
   *   is `"isolation_forest"`.
   * @param params.parameters - Parameters of the algorithm as a JSON object; for bodies other than JSON.
   * @param params.ensembleMethods - Algorithms that score together, repeated for each; for bodies other than
   *   JSON.
   * @param params.contamination - Expected share of anomalous rows, or `auto`; for bodies other than JSON.
   *   The server's default is `0.1`.
   * @param params.features - Column the model may use, repeated for several; for bodies other than JSON.
   * @param params.columnTypes - Types of columns as a JSON object; for bodies other than JSON.
   * @param params.timestampColumn - The column that orders the rows in time; for bodies other than JSON.
   * @param params.seriesColumn - The column that tells several series apart; for bodies other than JSON.
   * @param params.windows - Sliding windows as a JSON object; for bodies other than JSON.
   * @param params.returnConfidence - Whether to return `confidence`; for bodies other than JSON. The server's
   *   default is `false`.
   * @param params.includeExplanations - Whether to return `explanations`; for bodies other than JSON. The
   *   server's default is `false`.
   * @param params.explainRows - Which rows are explained; for bodies other than JSON. The server's default is
   *   `"anomalies"`.
   * @param params.randomState - Seed of the algorithm; for bodies other than JSON. The server's default is
   *   `0`.
   * @param options - What this call does differently from its client.
   * @returns One score and one prediction per row.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  detectAnomalies(body: Schemas["DetectionRequest"] | Content, params?: { modelId?: Schemas["ModelReference"] | undefined; algorithm?: Schemas["AlgorithmName"] | undefined; parameters?: Schemas["Parameters"] | undefined; ensembleMethods?: Schemas["EnsembleMethods"] | undefined; contamination?: Schemas["Contamination"] | undefined; features?: Schemas["QueryFeatures"] | undefined; columnTypes?: Schemas["ColumnTypes"] | undefined; timestampColumn?: Schemas["TimestampColumn"] | undefined; seriesColumn?: Schemas["SeriesColumn"] | undefined; windows?: Schemas["Windows"] | undefined; returnConfidence?: boolean | undefined; includeExplanations?: boolean | undefined; explainRows?: Schemas["ExplainRows"] | undefined; randomState?: number | undefined }, options?: CallOptions): Promise<Schemas["DetectionResult"]>;
}

/**
 * The algorithms on offer, their parameters and capabilities.
 */
export interface AlgorithmsResource {
  /**
   * List the algorithms.
   *
   * Every algorithm on offer with its parameters as JSON Schema, its capabilities and its cost class.
   *
   * Access: every caller with a valid credential.
   *
   * @param options - What this call does differently from its client.
   * @returns The algorithms.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listAlgorithms(options?: CallOptions): Promise<Schemas["AlgorithmList"]>;

  /**
   * Describe one algorithm.
   *
   * One algorithm by its name or an alias.
   *
   * Access: every caller with a valid credential.
   *
   * @param name - Name or alias of the algorithm.
   * @param options - What this call does differently from its client.
   * @returns The algorithm.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getAlgorithm(name: string, options?: CallOptions): Promise<Schemas["Algorithm"]>;
}

/**
 * Data stored on the server for batch jobs.
 */
export interface DatasetsResource {
  /**
   * List datasets.
   *
   * The caller's datasets, newest first.
   *
   * Access: callers with the scope `datasets:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of datasets.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listDatasets(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["DatasetList"]>;

  /**
   * List datasets.
   *
   * The caller's datasets, newest first.
   *
   * Access: callers with the scope `datasets:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listDatasetsIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["Dataset"], void, undefined>;

  /**
   * Upload a dataset.
   *
   * Stores a table for batch jobs. The body is streamed to storage and read once, so that a file that cannot
   * be used is refused here and not later in a job. Repeat an upload safely with an `Idempotency-Key`: the
   * same table under the same key makes one dataset.
   *
   * Access: callers with the scope `datasets:write`.
   *
   * @param body - The table; JSON is an array of rows.
   * @param params.name - A name for people, such as the file's.
   * @param params.idempotencyKey - Makes a repeated submission safe: the same key with the same body gets the
   *   first answer again for 24 hours.
   * @param options - What this call does differently from its client.
   * @returns The dataset is stored.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  uploadDataset(body: Schemas["JsonTable"] | Content, params?: { name?: string | undefined; idempotencyKey?: string | undefined }, options?: CallOptions): Promise<Schemas["Dataset"]>;

  /**
   * Describe a dataset.
   *
   * Size, shape and media type of a stored dataset.
   *
   * Access: callers with the scope `datasets:read`.
   *
   * @param datasetId - Id of the dataset.
   * @param options - What this call does differently from its client.
   * @returns The dataset.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getDataset(datasetId: string, options?: CallOptions): Promise<Schemas["Dataset"]>;

  /**
   * Delete a dataset.
   *
   * Removes a dataset and all that is derived from it, but no result of a job that has read it. A dataset
   * that a queued or running job names is kept (409); cancel the job first, or wait for its end.
   *
   * Access: callers with the scope `datasets:write`.
   *
   * @param datasetId - Id of the dataset.
   * @param options - What this call does differently from its client.
   * @returns The dataset is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteDataset(datasetId: string, options?: CallOptions): Promise<void>;

  /**
   * Profile a dataset.
   *
   * What a dataset holds: the type of each column as detection would guess it, missing, distinct and frequent
   * values, the shape of its numbers, repeated rows, and what deserves a look before a model learns from it.
   * Made at the first call and kept.
   *
   * Access: callers with the scope `datasets:read`.
   *
   * @param datasetId - Id of the dataset.
   * @param options - What this call does differently from its client.
   * @returns The profile.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  profileDataset(datasetId: string, options?: CallOptions): Promise<Schemas["DatasetProfile"]>;
}

/**
 * Work in the background, batch detection over stored datasets above all.
 */
export interface JobsResource {
  /**
   * Submit a batch detection.
   *
   * Detects anomalies in uploaded datasets, or tables behind URLs, in the background. 202 means that the job
   * is stored and will be worked on, whatever crashes; repeat a submission safely with an `Idempotency-Key`.
   * With `model_id`, one version of a trained model scores all rows.
   *
   * Access: callers with the scope `jobs:write`.
   *
   * @param body - The datasets and the options.
   * @param params.idempotencyKey - Makes a repeated submission safe: the same key with the same body gets the
   *   first answer again for 24 hours.
   * @param options - What this call does differently from its client.
   * @returns The job is stored.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  batchDetect(body: Schemas["BatchDetectionRequest"], params?: { idempotencyKey?: string | undefined }, options?: CallOptions): Promise<Schemas["Job"]>;

  /**
   * List jobs.
   *
   * The caller's jobs, newest first.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.state - Only jobs in this state.
   * @param options - What this call does differently from its client.
   * @returns A page of jobs.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listJobs(params?: { limit?: number | undefined; cursor?: string | undefined; state?: "queued" | "running" | "succeeded" | "failed" | "cancelled" | undefined }, options?: CallOptions): Promise<Schemas["JobList"]>;

  /**
   * List jobs.
   *
   * The caller's jobs, newest first.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.state - Only jobs in this state.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listJobsIter(params?: { limit?: number | undefined; cursor?: string | undefined; state?: "queued" | "running" | "succeeded" | "failed" | "cancelled" | undefined }, options?: CallOptions): AsyncGenerator<Schemas["Job"], void, undefined>;

  /**
   * Get a job.
   *
   * State and progress of a job; with `wait` the answer comes when the job has ended or the time is up.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param jobId - Id of the job.
   * @param params.wait - Seconds to wait for the job's end before answering. The server's default is `0`.
   * @param options - What this call does differently from its client.
   * @returns The job.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getJobStatus(jobId: string, params?: { wait?: number | undefined }, options?: CallOptions): Promise<Schemas["Job"]>;

  /**
   * Cancel a job.
   *
   * Asks a job to stop: a queued one ends at once, a running one within a second or two. A job that has ended
   * answers 409.
   *
   * Access: callers with the scope `jobs:write`.
   *
   * @param jobId - Id of the job.
   * @param options - What this call does differently from its client.
   * @returns The job, cancelled or about to be.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  cancelJob(jobId: string, options?: CallOptions): Promise<Schemas["Job"]>;

  /**
   * Get the result of a job.
   *
   * The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
   * workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
   * `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is quoted
   * in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422 `too-many-rows`. A
   * job that has not succeeded answers 409, and one whose `expires_at` has passed 410.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param jobId - Id of the job.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.only - Which rows to return. The server's default is `"all"`.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns The result, whole or a page of it.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws GoneError: What was there is no longer kept (`result-expired`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getJobResult(jobId: string, params?: { limit?: number | undefined; cursor?: string | undefined; only?: "all" | "anomalies" | undefined; format?: "json" | "ndjson" | "csv" | "parquet" | "excel" | undefined }, options?: CallOptions): Promise<Schemas["JobResultPage"]>;

  /**
   * Get the result of a job.
   *
   * The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
   * workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
   * `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is quoted
   * in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422 `too-many-rows`. A
   * job that has not succeeded answers 409, and one whose `expires_at` has passed 410.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param jobId - Id of the job.
   * @param accept - The media type to get: application/x-ndjson or text/csv or application/vnd.apache.parquet
   *   or application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.only - Which rows to return. The server's default is `"all"`.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns The answer as it arrives, in a media type of its own.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws GoneError: What was there is no longer kept (`result-expired`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getJobResultStream(jobId: string, accept: string, params?: { limit?: number | undefined; cursor?: string | undefined; only?: "all" | "anomalies" | undefined; format?: "json" | "ndjson" | "csv" | "parquet" | "excel" | undefined }, options?: CallOptions): Promise<Body>;

  /**
   * Get the result of a job.
   *
   * The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel
   * workbook, asked for by `Accept` or by `format`, it comes whole. Without either it comes in the
   * `output_format` that the job was submitted with. Text that a spreadsheet would run as a formula is quoted
   * in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a larger result answers 422 `too-many-rows`. A
   * job that has not succeeded answers 409, and one whose `expires_at` has passed 410.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param jobId - Id of the job.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.only - Which rows to return. The server's default is `"all"`.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws GoneError: What was there is no longer kept (`result-expired`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getJobResultIter(jobId: string, params?: { limit?: number | undefined; cursor?: string | undefined; only?: "all" | "anomalies" | undefined; format?: "json" | "ndjson" | "csv" | "parquet" | "excel" | undefined }, options?: CallOptions): AsyncGenerator<Schemas["ResultRow"], void, undefined>;

  /**
   * Follow a job.
   *
   * Server-sent events: one `job` event with the whole job at each change, until it has ended.
   * `Last-Event-ID` resumes after a lost connection.
   *
   * Access: callers with the scope `jobs:read`.
   *
   * @param jobId - Id of the job.
   * @param params.lastEventId - Id of the last event received.
   * @param options - What this call does differently from its client.
   * @returns The stream of events; the data of each is a job.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  streamJobEvents(jobId: string, params?: { lastEventId?: string | undefined }, options?: CallOptions): AsyncGenerator<ServerEvent<Schemas["Job"]>, void, undefined>;
}

/**
 * Detectors trained once, kept in versions, found by aliases, and scored with.
 */
export interface ModelsResource {
  /**
   * List models.
   *
   * The caller's models, newest first.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of models.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listModels(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["ModelList"]>;

  /**
   * List models.
   *
   * The caller's models, newest first.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listModelsIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["Model"], void, undefined>;

  /**
   * Train a model.
   *
   * Fits a detector in the background and keeps it as the next version of the model of this name, which is
   * made where there is none. The rows come with the request (`data`), or from datasets and addresses as
   * those of a batch detection. The job's `model` names the version once it has succeeded. With a
   * `label_column` the version has metrics; the column itself is kept out of the model. Rows sent along are
   * stored as a dataset. Repeat a training safely with an `Idempotency-Key`.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param body - The name, the rows and the options.
   * @param params.idempotencyKey - Makes a repeated submission safe: the same key with the same body gets the
   *   first answer again for 24 hours.
   * @param options - What this call does differently from its client.
   * @returns The job is stored.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  trainModel(body: Schemas["TrainingRequest"], params?: { idempotencyKey?: string | undefined }, options?: CallOptions): Promise<Schemas["Job"]>;

  /**
   * Describe a model.
   *
   * A model with its newest version and its aliases.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param options - What this call does differently from its client.
   * @returns The model.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModel(name: Schemas["ModelName"], options?: CallOptions): Promise<Schemas["Model"]>;

  /**
   * Delete a model.
   *
   * Removes a model with all of its versions. While an alias points at one of them, or a job that has not
   * ended scores with one, the answer is 409 and names it; delete the aliases first, and wait for the jobs or
   * cancel them. The name is free again.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param options - What this call does differently from its client.
   * @returns The model is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteModel(name: Schemas["ModelName"], options?: CallOptions): Promise<void>;

  /**
   * List the versions of a model.
   *
   * The versions of a model, newest first.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of versions.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listModelVersions(name: Schemas["ModelName"], params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["ModelVersionList"]>;

  /**
   * List the versions of a model.
   *
   * The versions of a model, newest first.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listModelVersionsIter(name: Schemas["ModelName"], params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["ModelVersionSummary"], void, undefined>;

  /**
   * Describe a version of a model.
   *
   * What a version was made of and what it is: parameters, the training data's hash, columns and profile,
   * metrics where there were labels, versions of libraries, the hash of its artefact, who trained it and
   * when. A version never changes.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param version - Number of the version.
   * @param options - What this call does differently from its client.
   * @returns The version.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModelVersion(name: Schemas["ModelName"], version: number, options?: CallOptions): Promise<Schemas["ModelVersion"]>;

  /**
   * Delete a version of a model.
   *
   * Removes a version; its number is not given again. While an alias points at it, or a job that has not
   * ended scores with it, the answer is 409 and names the alias or job.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param version - Number of the version.
   * @param options - What this call does differently from its client.
   * @returns The version is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteModelVersion(name: Schemas["ModelName"], version: number, options?: CallOptions): Promise<void>;

  /**
   * Describe an alias.
   *
   * Where an alias points, and where it pointed before.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The alias with its history.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModelAlias(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<Schemas["ModelAliasHistory"]>;

  /**
   * Point an alias at a version.
   *
   * Makes an alias or moves it, at once for all callers: a prediction is made by the version before or by the
   * new one, never by both. With a `canary` a share of the requests is scored by a second version, with a
   * `shadow` another version scores them too, after the answer. Setting it to what it is already changes
   * nothing.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param body - The version.
   * @param options - What this call does differently from its client.
   * @returns The alias.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  setModelAlias(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], body: Schemas["ModelAliasTarget"], options?: CallOptions): Promise<Schemas["ModelAlias"]>;

  /**
   * Delete an alias.
   *
   * Removes an alias and its history; the version stays.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The alias is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteModelAlias(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<void>;

  /**
   * Roll an alias back.
   *
   * Undoes the last change of an alias: it points where it pointed before, with the canary or shadow that it
   * had; called again, one step further back. Versions deleted meanwhile are passed over. Where there is none
   * before, the answer is 409.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The alias.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  rollbackModelAlias(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<Schemas["ModelAlias"]>;

  /**
   * Score rows with a model.
   *
   * Scores rows with a version of a model: `name` is its newest version, `name@3` a certain one,
   * `name@production` the one that an alias points at. Each row's score depends on the row alone. The rows
   * must have the columns that the model was trained with, of the same types; the answer names the version
   * that scored.
   *
   * Access: callers with the scope `models:use`.
   *
   * @param name - The model by name or id, or a version of it, `name@version` or `name@alias`.
   * @param body - The rows, and in JSON the options too.
   * @param params.returnConfidence - Whether to return `confidence`; for bodies other than JSON. The server's
   *   default is `false`.
   * @param params.includeExplanations - Whether to return `explanations`; for bodies other than JSON. The
   *   server's default is `false`.
   * @param params.explainRows - Which rows are explained; for bodies other than JSON. The server's default is
   *   `"anomalies"`.
   * @param options - What this call does differently from its client.
   * @returns One score and one prediction per row.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  predictWithModel(name: Schemas["ModelReference"], body: Schemas["PredictionRequest"] | Content, params?: { returnConfidence?: boolean | undefined; includeExplanations?: boolean | undefined; explainRows?: Schemas["ExplainRows"] | undefined }, options?: CallOptions): Promise<Schemas["DetectionResult"]>;

  /**
   * Say how right a model was.
   *
   * Precision and recall of a version on the rows that labels were given for, at the threshold that holds,
   * and the threshold that would have served best. `name@production` is the version that the alias points at,
   * with the threshold of the alias.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - The model by name or id, or a version of it, `name@version` or `name@alias`.
   * @param options - What this call does differently from its client.
   * @returns What the labels say.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModelFeedback(name: Schemas["ModelReference"], options?: CallOptions): Promise<Schemas["ModelFeedback"]>;

  /**
   * Label scored rows.
   *
   * Says of rows that a version has scored whether they were anomalies. The rows come along as they were
   * scored; a row's score depends on the row alone, so that the server knows it again. Of the rows themselves
   * nothing is kept but a hash. The same row again replaces its label, so that a request may be repeated. The
   * answer is that of `getModelFeedback`.
   *
   * Access: callers with the scope `models:use`.
   *
   * @param name - The model by name or id, or a version of it, `name@version` or `name@alias`.
   * @param body - The rows and their labels.
   * @param options - What this call does differently from its client.
   * @returns What the labels say.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  giveModelFeedback(name: Schemas["ModelReference"], body: Schemas["ModelFeedbackRequest"], options?: CallOptions): Promise<Schemas["ModelFeedback"]>;

  /**
   * Get a version of a model as a file.
   *
   * The model with a card for people and its configuration in YAML, as one file that is signed with the key
   * of this installation: `name` is the newest version, `name@3` a certain one, `name@production` the one
   * that an alias points at. The same version has always the same bytes. `importModel` takes them back, here
   * or at an installation whose operator trusts this one's key.
   *
   * Access: callers with the scopes `models:read` and `models:use`.
   *
   * @param name - The model by name or id, or a version of it, `name@version` or `name@alias`.
   * @param options - What this call does differently from its client.
   * @returns The package.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  packageModel(name: Schemas["ModelReference"], options?: CallOptions): Promise<Uint8Array>;

  /**
   * Import a version of a model.
   *
   * Makes the next version of a model from a file that `packageModel` gave. It is taken where this
   * installation signed it, or one whose key the operator trusts (422 `untrusted-package` otherwise), and the
   * signature is verified before anything in it is read; a file that is damaged or of a newer format answers
   * 422 `bad-package`. Where the model has that version already, the answer names it and nothing is made, so
   * that an import may be repeated.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param body - The file.
   * @param params.name - Name of the model; that which it was packaged from where it is left out.
   * @param options - What this call does differently from its client.
   * @returns The version.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  importModel(body: Content, params?: { name?: Schemas["ModelName"] | undefined }, options?: CallOptions): Promise<Schemas["ModelVersion"]>;

  /**
   * Say how far a model's rows have moved.
   *
   * Compares the rows that a version has scored, and their scores, with those that it was trained on: the
   * population stability index and the Kolmogorov-Smirnov statistic of each feature. `name@production` is the
   * version that the alias points at.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - The model by name or id, or a version of it, `name@version` or `name@alias`.
   * @param params.hours - How many hours are looked at, the present one included. The server's default is
   *   `24`.
   * @param options - What this call does differently from its client.
   * @returns The drift.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModelDrift(name: Schemas["ModelReference"], params?: { hours?: number | undefined }, options?: CallOptions): Promise<Schemas["ModelDrift"]>;

  /**
   * Describe how an alias is trained anew.
   *
   * The rule of an alias, what it is about, and what came of it last.
   *
   * Access: callers with the scope `models:read`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The rule.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getModelRetraining(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<Schemas["ModelRetraining"]>;

  /**
   * Say how an alias is trained anew.
   *
   * Makes or changes the rule by which new versions are trained on the newest dataset of a name, validated on
   * rows held out against the version that the alias points at, put behind the alias where they pass, watched
   * there, and taken back where errors or alerts rise.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param body - The rule.
   * @param options - What this call does differently from its client.
   * @returns The rule.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  setModelRetraining(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], body: Schemas["RetrainingRule"], options?: CallOptions): Promise<Schemas["ModelRetraining"]>;

  /**
   * Delete the rule of an alias.
   *
   * Ends training anew and watching; a training that runs makes its version, but moves no alias.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The rule is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteModelRetraining(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<void>;

  /**
   * Train an alias anew now.
   *
   * Does what the rule of the alias would do when it is due. Where a training by the rule runs already, or
   * its last version is still being watched, the answer is 409.
   *
   * Access: callers with the scope `models:write`.
   *
   * @param name - Name of the model, or its id.
   * @param alias - Name of the alias.
   * @param options - What this call does differently from its client.
   * @returns The job is stored.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  retrainModel(name: Schemas["ModelName"], alias: Schemas["ModelAliasName"], options?: CallOptions): Promise<Schemas["Job"]>;
}

/**
 * Who is calling; logging in and out; the API keys of the tenant.
 */
export interface AuthResource {
  /**
   * Log in.
   *
   * Exchanges a username and a password for an access token, which is a bearer credential for 15 minutes
   * unless the server is set up otherwise, and a refresh token, which is good for new ones. A wrong password,
   * an unknown user and a disabled one are answered alike.
   *
   * Access: everybody, without a credential.
   *
   * @param body - Who logs in.
   * @param options - What this call does differently from its client.
   * @returns The tokens.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  createToken(body: Schemas["LoginRequest"], options?: CallOptions): Promise<Schemas["TokenPair"]>;

  /**
   * Renew an access token.
   *
   * Exchanges a refresh token for new tokens. Each refresh token works once: when one that was used already
   * comes back, nobody can tell its owner from a thief, so the whole session ends and its user has to log in
   * again.
   *
   * Access: everybody, without a credential.
   *
   * @param body - The refresh token.
   * @param options - What this call does differently from its client.
   * @returns The new tokens.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  refreshToken(body: Schemas["RefreshRequest"], options?: CallOptions): Promise<Schemas["TokenPair"]>;

  /**
   * Log out.
   *
   * Ends the session of a refresh token: its access tokens are refused within a second, and no refresh token
   * of it works any more. An unknown token, or one of a session that has ended, is answered in the same way.
   *
   * Access: everybody, without a credential.
   *
   * @param body - The refresh token.
   * @param options - What this call does differently from its client.
   * @returns The session has ended.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  revokeToken(body: Schemas["RefreshRequest"], options?: CallOptions): Promise<void>;

  /**
   * Say who is calling.
   *
   * The caller that the credential stands for, its tenant and what it may do.
   *
   * Access: every caller with a valid credential.
   *
   * @param options - What this call does differently from its client.
   * @returns The caller.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  whoAmI(options?: CallOptions): Promise<Schemas["Caller"]>;

  /**
   * List API keys.
   *
   * The tenant's API keys, newest first, revoked and expired ones included. The keys themselves are never
   * shown again.
   *
   * Access: callers with the scope `keys:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of keys.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listApiKeys(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["ApiKeyList"]>;

  /**
   * List API keys.
   *
   * The tenant's API keys, newest first, revoked and expired ones included. The keys themselves are never
   * shown again.
   *
   * Access: callers with the scope `keys:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listApiKeysIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["ApiKey"], void, undefined>;

  /**
   * Make an API key.
   *
   * Makes a key and shows it, this once. A key can be given no scope that the caller lacks.
   *
   * Access: callers with the scope `keys:write`.
   *
   * @param body - What the key is for and what it may do.
   * @param options - What this call does differently from its client.
   * @returns The key.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  createApiKey(body: Schemas["CreateApiKeyRequest"], options?: CallOptions): Promise<Schemas["NewApiKey"]>;

  /**
   * Describe an API key.
   *
   * Name, scopes, expiry and last use of a key.
   *
   * Access: callers with the scope `keys:read`.
   *
   * @param keyId - Id of the key.
   * @param options - What this call does differently from its client.
   * @returns The key.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getApiKey(keyId: string, options?: CallOptions): Promise<Schemas["ApiKey"]>;

  /**
   * Revoke an API key.
   *
   * The key is refused by every process of the server within a second. Revoking it again changes nothing.
   *
   * Access: callers with the scope `keys:write`.
   *
   * @param keyId - Id of the key.
   * @param options - What this call does differently from its client.
   * @returns The revoked key.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  revokeApiKey(keyId: string, options?: CallOptions): Promise<Schemas["ApiKey"]>;

  /**
   * Replace an API key.
   *
   * Makes a key with the name, the scopes and the expiry of this one and shows it, this once. The old key
   * goes on working for `overlap_seconds`, so that callers can change over without a failed request. A key
   * that is revoked or expired answers 409.
   *
   * Access: callers with the scope `keys:write`.
   *
   * @param keyId - Id of the key.
   * @param body - How long both keys work.
   * @param options - What this call does differently from its client.
   * @returns The new key.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  rotateApiKey(keyId: string, body: Schemas["RotateApiKeyRequest"], options?: CallOptions): Promise<Schemas["NewApiKey"]>;
}

/**
 * The users of the tenant, who log in with a password and have a role.
 */
export interface UsersResource {
  /**
   * List users.
   *
   * The tenant's users, newest first, disabled ones included.
   *
   * Access: callers with the scope `users:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of users.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listUsers(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["UserList"]>;

  /**
   * List users.
   *
   * The tenant's users, newest first, disabled ones included.
   *
   * Access: callers with the scope `users:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listUsersIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["User"], void, undefined>;

  /**
   * Make a user.
   *
   * Makes a user, who can log in at once. Nobody can give a role that may do more than they may. A username
   * that is taken in the tenant answers 409.
   *
   * Access: callers with the scope `users:write`.
   *
   * @param body - Who it is and what they may do.
   * @param options - What this call does differently from its client.
   * @returns The user.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  createUser(body: Schemas["UserCreation"], options?: CallOptions): Promise<Schemas["User"]>;

  /**
   * Get a user.
   *
   * Name, role and state of a user.
   *
   * Access: callers with the scope `users:read`.
   *
   * @param userId - Id of the user.
   * @param options - What this call does differently from its client.
   * @returns The user.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getUser(userId: string, options?: CallOptions): Promise<Schemas["User"]>;

  /**
   * Delete a user.
   *
   * Deletes a user and ends every session they have. The last admin of a tenant cannot be deleted (409).
   *
   * Access: callers with the scope `users:write`.
   *
   * @param userId - Id of the user.
   * @param options - What this call does differently from its client.
   * @returns The user is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteUser(userId: string, options?: CallOptions): Promise<void>;

  /**
   * Change a user.
   *
   * Changes what is given and leaves the rest. A role takes effect within a second on every process of the
   * server. Disabling a user, or setting a password for them, ends every session they have. Nobody can change
   * a user who may do more than they may, and the last admin of a tenant stays one (409).
   *
   * Access: callers with the scope `users:write`.
   *
   * @param userId - Id of the user.
   * @param body - What is to change.
   * @param options - What this call does differently from its client.
   * @returns The user as it is now.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  updateUser(userId: string, body: Schemas["UserChanges"], options?: CallOptions): Promise<Schemas["User"]>;

  /**
   * Change one's own password.
   *
   * Gives the user who calls another password and ends every other session they have; the one that calls goes
   * on. A `current_password` that is wrong answers 422, and an API key, which has no password, is answered
   * 403.
   *
   * Access: every caller with a valid credential.
   *
   * @param body - The password as it is and as it is to be.
   * @param options - What this call does differently from its client.
   * @returns The password is changed.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  changePassword(body: Schemas["PasswordChange"], options?: CallOptions): Promise<void>;
}

/**
 * Stored access to buckets and databases that batch jobs read from.
 */
export interface CredentialsResource {
  /**
   * List stored credentials.
   *
   * The tenant's credentials, newest first, without their secrets.
   *
   * Access: callers with the scope `credentials:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of credentials.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listCredentials(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["CredentialList"]>;

  /**
   * List stored credentials.
   *
   * The tenant's credentials, newest first, without their secrets.
   *
   * Access: callers with the scope `credentials:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listCredentialsIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["Credential"], void, undefined>;

  /**
   * Store a credential.
   *
   * Stores what a worker needs to read a bucket or a database for this tenant's jobs. The secrets are
   * encrypted, and nothing shows them again; the answer has a hint by which to tell them. Where they would be
   * sent has to be on the public internet.
   *
   * Access: callers with the scope `credentials:write`.
   *
   * @param body - The name and the secrets.
   * @param options - What this call does differently from its client.
   * @returns The credential, without its secrets.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  createCredential(body: Schemas["CredentialRequest"], options?: CallOptions): Promise<Schemas["Credential"]>;

  /**
   * Describe a stored credential.
   *
   * What a credential is for and when it was stored, without its secrets.
   *
   * Access: callers with the scope `credentials:read`.
   *
   * @param credentialId - Id of the stored credential.
   * @param options - What this call does differently from its client.
   * @returns The credential.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getCredential(credentialId: string, options?: CallOptions): Promise<Schemas["Credential"]>;

  /**
   * Replace a stored credential.
   *
   * Puts a new name and new secrets of the same kind in place of the old ones, whole: nothing of the old is
   * kept. Jobs that have not read their sources yet use the new ones.
   *
   * Access: callers with the scope `credentials:write`.
   *
   * @param credentialId - Id of the stored credential.
   * @param body - The name and the secrets.
   * @param options - What this call does differently from its client.
   * @returns The credential, without its secrets.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  replaceCredential(credentialId: string, body: Schemas["CredentialRequest"], options?: CallOptions): Promise<Schemas["Credential"]>;

  /**
   * Delete a stored credential.
   *
   * Deletes a credential. While a job that has not ended is to read a source with it, the answer is 409 and
   * names the job.
   *
   * Access: callers with the scope `credentials:write`.
   *
   * @param credentialId - Id of the stored credential.
   * @param options - What this call does differently from its client.
   * @returns The credential is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteCredential(credentialId: string, options?: CallOptions): Promise<void>;
}

/**
 * Who did what, in a log that shows tampering.
 */
export interface AuditResource {
  /**
   * Show who did what.
   *
   * The tenant's audit log, newest first: every operation that changes something, every download of a result,
   * and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages; as NDJSON
   * or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are ignored.
   *
   * Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and `hash`,
   * so that an entry that was changed, removed or moved is found by `pynomaly audit verify`. Refusals,
   * failures and downloads that repeat within a minute are noted once.
   *
   * Access: callers with the scope `audit:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.actor - Only what this caller did, by the id of its key or user.
   * @param params.action - Only this operation, such as `createApiKey`.
   * @param params.resource - Only what was done to the resource with this id.
   * @param params.outcome - Only entries that ended so.
   * @param params.since - Only entries from this moment on.
   * @param params.until - Only entries before this moment.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns A page of the log, or all of it.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listAuditLog(params?: { limit?: number | undefined; cursor?: string | undefined; actor?: string | undefined; action?: string | undefined; resource?: string | undefined; outcome?: "succeeded" | "refused" | "failed" | undefined; since?: string | undefined; until?: string | undefined; format?: "json" | "ndjson" | "csv" | undefined }, options?: CallOptions): Promise<Schemas["AuditLog"]>;

  /**
   * Show who did what.
   *
   * The tenant's audit log, newest first: every operation that changes something, every download of a result,
   * and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages; as NDJSON
   * or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are ignored.
   *
   * Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and `hash`,
   * so that an entry that was changed, removed or moved is found by `pynomaly audit verify`. Refusals,
   * failures and downloads that repeat within a minute are noted once.
   *
   * Access: callers with the scope `audit:read`.
   *
   * @param accept - The media type to get: application/x-ndjson or text/csv.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.actor - Only what this caller did, by the id of its key or user.
   * @param params.action - Only this operation, such as `createApiKey`.
   * @param params.resource - Only what was done to the resource with this id.
   * @param params.outcome - Only entries that ended so.
   * @param params.since - Only entries from this moment on.
   * @param params.until - Only entries before this moment.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns The answer as it arrives, in a media type of its own.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listAuditLogStream(accept: string, params?: { limit?: number | undefined; cursor?: string | undefined; actor?: string | undefined; action?: string | undefined; resource?: string | undefined; outcome?: "succeeded" | "refused" | "failed" | undefined; since?: string | undefined; until?: string | undefined; format?: "json" | "ndjson" | "csv" | undefined }, options?: CallOptions): Promise<Body>;

  /**
   * Show who did what.
   *
   * The tenant's audit log, newest first: every operation that changes something, every download of a result,
   * and what was refused (401 with a credential that once worked, 403). As JSON it comes in pages; as NDJSON
   * or CSV, asked for by `Accept` or by `format`, it comes whole, and `limit` and `cursor` are ignored.
   *
   * Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and `hash`,
   * so that an entry that was changed, removed or moved is found by `pynomaly audit verify`. Refusals,
   * failures and downloads that repeat within a minute are noted once.
   *
   * Access: callers with the scope `audit:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.actor - Only what this caller did, by the id of its key or user.
   * @param params.action - Only this operation, such as `createApiKey`.
   * @param params.resource - Only what was done to the resource with this id.
   * @param params.outcome - Only entries that ended so.
   * @param params.since - Only entries from this moment on.
   * @param params.until - Only entries before this moment.
   * @param params.format - The format, for callers that cannot set `Accept`.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listAuditLogIter(params?: { limit?: number | undefined; cursor?: string | undefined; actor?: string | undefined; action?: string | undefined; resource?: string | undefined; outcome?: "succeeded" | "refused" | "failed" | undefined; since?: string | undefined; until?: string | undefined; format?: "json" | "ndjson" | "csv" | undefined }, options?: CallOptions): AsyncGenerator<Schemas["AuditEntry"], void, undefined>;
}

/**
 * What the tenant has used of its quotas.
 */
export interface UsageResource {
  /**
   * Show what is used of the quotas.
   *
   * What the tenant has used of each of its quotas: requests and scored rows in this month (UTC), bytes of
   * its datasets, and jobs that have not ended.
   *
   * Access: every caller with a valid credential.
   *
   * @param options - What this call does differently from its client.
   * @returns What is used.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getUsage(options?: CallOptions): Promise<Schemas["Usage"]>;
}

/**
 * Signed messages to the caller's own servers when jobs end.
 */
export interface WebhooksResource {
  /**
   * List webhook endpoints.
   *
   * The caller's endpoints, newest first, without their secrets.
   *
   * Access: callers with the scope `webhooks:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns A page of endpoints.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listWebhookEndpoints(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): Promise<Schemas["WebhookEndpointList"]>;

  /**
   * List webhook endpoints.
   *
   * The caller's endpoints, newest first, without their secrets.
   *
   * Access: callers with the scope `webhooks:read`.
   *
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listWebhookEndpointsIter(params?: { limit?: number | undefined; cursor?: string | undefined }, options?: CallOptions): AsyncGenerator<Schemas["WebhookEndpoint"], void, undefined>;

  /**
   * Create a webhook endpoint.
   *
   * Registers an address that is told when jobs end. Each message is signed by the Standard Webhooks scheme;
   * the answer holds the secret that verifies it, and nothing shows it again. The address must be public and
   * https.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param body - The address and what it is told.
   * @param options - What this call does differently from its client.
   * @returns The endpoint, with its secret.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  createWebhookEndpoint(body: Schemas["WebhookEndpointCreation"], options?: CallOptions): Promise<Schemas["WebhookEndpointSecret"]>;

  /**
   * Get a webhook endpoint.
   *
   * An endpoint, without its secret.
   *
   * Access: callers with the scope `webhooks:read`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param options - What this call does differently from its client.
   * @returns The endpoint.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getWebhookEndpoint(endpointId: string, options?: CallOptions): Promise<Schemas["WebhookEndpoint"]>;

  /**
   * Delete a webhook endpoint.
   *
   * Deletes an endpoint with its deliveries. An attempt that is under way may still arrive.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param options - What this call does differently from its client.
   * @returns The endpoint is gone.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  deleteWebhookEndpoint(endpointId: string, options?: CallOptions): Promise<void>;

  /**
   * Change a webhook endpoint.
   *
   * Changes what is given and leaves the rest. While an endpoint is disabled it is sent nothing, and what was
   * pending for it ends as failed.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param body - What is to change.
   * @param options - What this call does differently from its client.
   * @returns The endpoint as it is now.
   * @throws BadRequestError: The body is not JSON, or not what its media type says (`malformed-json`,
   *   `bad-request`).
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws PayloadTooLargeError: The body, the table in it, or the work that it asks for is over a limit
   *   (`payload-too-large`); use a batch job. A job's data sources are over one of its limits
   *   (`job-limit-exceeded`).
   * @throws UnsupportedMediaTypeError: The body's media type or content encoding is not accepted here
   *   (`unsupported-media-type`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  updateWebhookEndpoint(endpointId: string, body: Schemas["WebhookEndpointChanges"], options?: CallOptions): Promise<Schemas["WebhookEndpoint"]>;

  /**
   * Rotate the secret of a webhook endpoint.
   *
   * Gives the endpoint a new secret. For 24 hours messages carry two signatures, by the new secret and by the
   * one it replaces, so that receivers can change over; rotating again within that time drops the older one
   * at once.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param options - What this call does differently from its client.
   * @returns The endpoint, with its new secret.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  rotateWebhookSecret(endpointId: string, options?: CallOptions): Promise<Schemas["WebhookEndpointSecret"]>;

  /**
   * Send a test message.
   *
   * Sends a message of the type `webhook.test`, whatever types the endpoint is subscribed to. A disabled
   * endpoint answers 409.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param options - What this call does differently from its client.
   * @returns The delivery is stored and will be sent.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  testWebhookEndpoint(endpointId: string, options?: CallOptions): Promise<Schemas["WebhookDelivery"]>;

  /**
   * List the deliveries of a webhook endpoint.
   *
   * What was sent to an endpoint, or is to be, newest first, each with its latest attempts. Deliveries are
   * kept for 30 days.
   *
   * Access: callers with the scope `webhooks:read`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.state - Only deliveries in this state.
   * @param options - What this call does differently from its client.
   * @returns A page of deliveries.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listWebhookDeliveries(endpointId: string, params?: { limit?: number | undefined; cursor?: string | undefined; state?: "pending" | "delivered" | "failed" | undefined }, options?: CallOptions): Promise<Schemas["WebhookDeliveryList"]>;

  /**
   * List the deliveries of a webhook endpoint.
   *
   * What was sent to an endpoint, or is to be, newest first, each with its latest attempts. Deliveries are
   * kept for 30 days.
   *
   * Access: callers with the scope `webhooks:read`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param params.limit - How many items to return at most. The server's default is `100`.
   * @param params.cursor - The `next_cursor` of the page before; leave it out for the first page.
   * @param params.state - Only deliveries in this state.
   * @param options - What this call does differently from its client.
   * @returns The items of every page, fetched as they are needed.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  listWebhookDeliveriesIter(endpointId: string, params?: { limit?: number | undefined; cursor?: string | undefined; state?: "pending" | "delivered" | "failed" | undefined }, options?: CallOptions): AsyncGenerator<Schemas["WebhookDelivery"], void, undefined>;

  /**
   * Send a delivery again.
   *
   * Sends the message again with the same `webhook-id`, at once and then on the usual schedule. While the
   * endpoint is disabled, or an attempt is under way, the answer is 409.
   *
   * Access: callers with the scope `webhooks:write`.
   *
   * @param endpointId - Id of the webhook endpoint.
   * @param deliveryId - Id of the delivery.
   * @param options - What this call does differently from its client.
   * @returns The delivery, pending again.
   * @throws NotFoundError: There is no such resource for this caller (`not-found`).
   * @throws ConflictError: The resource is in a state that does not allow this (`conflict`,
   *   `request-in-progress`, `credential-unreadable`, `model-unreadable`).
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  redeliverWebhook(endpointId: string, deliveryId: string, options?: CallOptions): Promise<Schemas["WebhookDelivery"]>;
}

/**
 * Health, the contract itself and its documentation.
 */
export interface SystemResource {
  /**
   * Check the server.
   *
   * Asks the database, the broker and the workers and says how each is. Always 200 while the process can
   * answer; read `status`.
   *
   * Access: everybody, without a credential.
   *
   * @param options - What this call does differently from its client.
   * @returns State of the server and its parts.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  healthCheck(options?: CallOptions): Promise<Schemas["Health"]>;

  /**
   * Check that the process lives.
   *
   * For process supervisors. It asks nothing else, so a failing database does not restart the server.
   *
   * Access: everybody, without a credential.
   *
   * @param options - What this call does differently from its client.
   * @returns It lives.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  checkLiveness(options?: CallOptions): Promise<Schemas["Liveness"]>;

  /**
   * Check that requests can be served.
   *
   * For load balancers. 503 while the database cannot be reached. Without broker or workers it stays 200 and
   * says `degraded`: detection works, and submitted jobs are stored and wait.
   *
   * Access: everybody, without a credential.
   *
   * @param options - What this call does differently from its client.
   * @returns Ready.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  checkReadiness(options?: CallOptions): Promise<Schemas["Health"]>;

  /**
   * Read the figures of the server.
   *
   * Counters, histograms and gauges of the whole server in Prometheus' text format: all API processes,
   * workers and sweepers together, whichever of them answers, so one address is to be scraped and not each
   * process. They are about all tenants; callers of another tenant than `default`, which is the operator's,
   * are refused with 403. What a part that is away would have said is left out.
   *
   * Access: callers with the scope `metrics:read`.
   *
   * @param options - What this call does differently from its client.
   * @returns The figures.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getMetrics(options?: CallOptions): Promise<Uint8Array>;

  /**
   * Get the contract.
   *
   * This document, bundled into one.
   *
   * Access: everybody, without a credential.
   *
   * @param options - What this call does differently from its client.
   * @returns The OpenAPI document.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getContract(options?: CallOptions): Promise<Schemas["Contract"]>;

  /**
   * Read the documentation.
   *
   * A page to read the contract and try it out; works without internet access.
   *
   * Access: everybody, without a credential.
   *
   * @param options - What this call does differently from its client.
   * @returns The page.
   * @throws UnprocessableEntityError: The input was understood but cannot be used (`validation`,
   *   `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`,
   *   `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`).
   * @throws APIStatusError: The server refused for another reason; there is a subclass per status.
   * @throws APIConnectionError: No whole answer came.
   * @throws APITimeoutError: The deadline passed.
   */
  getDocs(options?: CallOptions): Promise<Uint8Array>;
}

/** Every resource, one attribute per tag of the contract. */
export interface Resources {
  readonly detection: DetectionResource;
  readonly algorithms: AlgorithmsResource;
  readonly datasets: DatasetsResource;
  readonly jobs: JobsResource;
  readonly models: ModelsResource;
  readonly auth: AuthResource;
  readonly users: UsersResource;
  readonly credentials: CredentialsResource;
  readonly audit: AuditResource;
  readonly usage: UsageResource;
  readonly webhooks: WebhooksResource;
  readonly system: SystemResource;
}

/** The class of each resource by its name. */
export const classes = /* @__PURE__ */ resourceClasses(operations);

/** Makes the resources of a client. */
export class Resources {
  constructor(driver: Driver) {
    for (const [name, Class] of Object.entries(classes)) Object.assign(this, { [name]: new Class(driver) });
  }
}
