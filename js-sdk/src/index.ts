/** Client of the Pynomaly anomaly-detection API: `PynomalyClient`, what it takes and gives, and the errors it throws. */
export { PynomalyClient, PynomalyClient as default } from "./client.js";
export type { BatchOptions, ClientOptions, MediaOption, OtherOptions } from "./client.js";
export {
  APIAbortError,
  APIConnectionError,
  APIError,
  APIResponseError,
  APIStatusError,
  APITimeoutError,
  AuthenticationError,
  BadGatewayError,
  BadRequestError,
  CircuitOpenError,
  ConfigurationError,
  ConflictError,
  DataError,
  GatewayTimeoutError,
  GoneError,
  InternalServerError,
  JobCancelledError,
  JobError,
  JobFailedError,
  MethodNotAllowedError,
  NotAcceptableError,
  NotFoundError,
  PayloadTooLargeError,
  PermissionDeniedError,
  PynomalyError,
  RateLimitError,
  RequestTimeoutError,
  ServerError,
  ServiceUnavailableError,
  TooEarlyError,
  UnknownJobStateError,
  UnprocessableEntityError,
  UnsupportedMediaTypeError,
  WebhookVerificationError,
} from "./errors.js";
export type { APIErrorFields, Attempt, Problem } from "./errors.js";
export { Matrix } from "./data/npy.js";
export type { TypedArray } from "./data/npy.js";
export type { CellValue, Row } from "./data/rows.js";
export type { DetectionData, TableData } from "./data/prepare.js";
export type { DetectionOptions, DetectOptions } from "./data/options.js";
export { TrainedModel } from "./models.js";
export type { Models, PredictOptions, TrainingData, TrainOptions } from "./models.js";
export type { Oversize } from "./detector.js";
export type { Fallback, FallbackFunction, FallbackStep } from "./fallback.js";
export type { Schemas } from "./generated/resources.js";
export { JobHandle } from "./jobs/handle.js";
export type { Jobs, ResultFormat, RowsOptions, WaitOptions } from "./jobs/handle.js";
export { detectLocally } from "./local.js";
export type { Columns, LocalColumn, LocalDetection } from "./local.js";
export { DetectionResult } from "./results.js";
export type { RowResult } from "./results.js";
export type { BreakerPolicy, BreakerState } from "./resilience/breaker.js";
export type { BudgetPolicy } from "./resilience/budget.js";
export type { ResilienceOptions } from "./resilience/guards.js";
export type { BreakerEvent, FallbackEvent, Hooks, RequestEvent, RetryEvent } from "./resilience/hooks.js";
export type { Clock } from "./transport/clock.js";
export { Content } from "./transport/content.js";
export type { Chunks, ContentData } from "./transport/content.js";
export type { Body, Fetch } from "./transport/driver.js";
export type { CallOptions } from "./transport/options.js";
export type { ServerEvent } from "./transport/sse.js";
export { VERSION } from "./version.js";
