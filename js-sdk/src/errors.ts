/** One tree of errors: everything this package throws on purpose is a `PynomalyError`. */

import type { Schemas } from "./generated/resources.js";

const KEY = /pyn_[0-9A-Za-z_]+/g;
const BEARER = /(bearer\s+)\S+/gi;

/** Return `text` with API keys and bearer tokens made unreadable. */
export function redact(text: string): string {
  return text.replace(KEY, "pyn_…").replace(BEARER, "$1…");
}

/** What happened in one attempt of a call; times in milliseconds. */
export interface Attempt {
  /** 1 for the first attempt. */
  readonly number: number;
  /** From the start of the call to the start of this attempt. */
  readonly started: number;
  /** How long this attempt took. */
  readonly elapsed: number;
  /** What came of it in words, such as `503 overloaded` or `ECONNREFUSED`. */
  readonly outcome: string;
  /** HTTP status, where an answer came. */
  readonly status?: number | undefined;
  /** The server's `X-Request-Id`, where an answer came. */
  readonly requestId?: string | undefined;
  /** How long was waited afterwards before the next attempt; undefined after the last. */
  readonly wait?: number | undefined;
}

/** Base of every error of this package; its text is safe to log. */
export class PynomalyError extends Error {
  constructor(message: string, cause?: unknown) {
    super(redact(message), cause === undefined ? undefined : { cause });
    // A getter of the prototype would not survive structured cloning, nor the minifier the name of the class.
    this.name = "PynomalyError";
  }
}

/** The client cannot work with what it was told or found: key, address, profile or an option. */
export class ConfigurationError extends PynomalyError {
  override name = "ConfigurationError";
}

/** The data cannot be sent as they are; the message names the place. */
export class DataError extends PynomalyError {
  override name = "DataError";
}

/** A webhook's message is not to be trusted: its signature, its time or its form is wrong. */
export class WebhookVerificationError extends PynomalyError {
  override name = "WebhookVerificationError";
}

/** What an `APIError` knows beside its message. */
export interface APIErrorFields {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly problem?: Problem | undefined;
  readonly attempts?: readonly Attempt[] | undefined;
  readonly cause?: unknown;
}

/** The problem document (RFC 9457) of an answer. */
export type Problem = Schemas["Problem"];

/** A call that did not bring a usable answer. */
export class APIError extends PynomalyError {
  override name = "APIError";
  /** HTTP status, or undefined where no answer came. */
  readonly status: number | undefined;
  /** The problem's stable name (`validation`, `rate-limited`, …). */
  readonly code: string | undefined;
  /** Finds the request in the server's logs. */
  readonly requestId: string | undefined;
  /** The server's problem document, where the answer held one. */
  readonly problem: Problem | undefined;
  /** What happened in each attempt, the first one first. */
  attempts: readonly Attempt[];
  /** Further sentences on why nothing else was tried, or what else failed. */
  readonly notes: string[] = [];

  constructor(message: string, fields: APIErrorFields = {}) {
    super(message, fields.cause);
    this.status = fields.status;
    this.code = fields.code;
    this.requestId = fields.requestId;
    this.problem = fields.problem;
    this.attempts = fields.attempts ?? [];
  }

  /** Add a sentence to the message, and to what is printed of the error. */
  addNote(note: string): void {
    const before = this.message;
    this.notes.push(redact(note));
    this.message = `${before} ${redact(note)}`;
    if (this.stack !== undefined) this.stack = this.stack.replace(before, () => this.message);
  }
}

/** No whole answer came: the server could not be reached, or the connection broke. */
export class APIConnectionError extends APIError {
  override name = "APIConnectionError";
}

/** The call's deadline passed; `timeout` covers attempts, waits and polling together. */
export class APITimeoutError extends APIError {
  override name = "APITimeoutError";
}

/** The caller's `AbortSignal` ended the call; `cause` is the signal's reason. */
export class APIAbortError extends APIError {
  override name = "APIAbortError";
}

/** The server said yes, but the body is not what the contract promises. */
export class APIResponseError extends APIError {
  override name = "APIResponseError";
}

/** Nothing was sent: the server kept failing, and is left alone for a while. */
export class CircuitOpenError extends APIError {
  override name = "CircuitOpenError";

  /**
   * @param origin - The server.
   * @param group - Operations that share the circuit breaker.
   * @param retryAfter - Milliseconds until a call may try again.
   */
  constructor(
    readonly origin: string,
    readonly group: string,
    readonly retryAfter: number,
    attempts: readonly Attempt[] = [],
  ) {
    const when = retryAfter > 0 ? `in ${(retryAfter / 1000).toFixed(1)} s` : "as soon as the call that probes it is over";
    super(
      `${origin} kept failing, so the circuit breaker of '${group}' lets no call through; it may be tried again ${when}. ` +
        "Set fallback for an answer meanwhile.",
      { attempts },
    );
  }
}

/** The server, or something in front of it, refused the call. There is one subclass per status. */
export class APIStatusError extends APIError {
  override name = "APIStatusError";
  declare readonly status: number;
  /** Milliseconds the server asks to wait before the next attempt. */
  retryAfter: number | undefined;
}

/** 400: the body is not what its media type says. */
export class BadRequestError extends APIStatusError {
  override name = "BadRequestError";
}
/** 401: the API key is missing, wrong, expired or revoked. */
export class AuthenticationError extends APIStatusError {
  override name = "AuthenticationError";
}
/** 403: the API key lacks a scope. */
export class PermissionDeniedError extends APIStatusError {
  override name = "PermissionDeniedError";
}
/** 404: no such resource for this key. */
export class NotFoundError extends APIStatusError {
  override name = "NotFoundError";
}
/** 405: the address exists, the method does not. */
export class MethodNotAllowedError extends APIStatusError {
  override name = "MethodNotAllowedError";
}
/** 406: none of the media types asked for is offered. */
export class NotAcceptableError extends APIStatusError {
  override name = "NotAcceptableError";
}
/** 408: the server gave up waiting for the request. */
export class RequestTimeoutError extends APIStatusError {
  override name = "RequestTimeoutError";
}
/** 409: the resource is in a state that does not allow this. */
export class ConflictError extends APIStatusError {
  override name = "ConflictError";
}
/** 410: what is asked for was there, and is no longer kept. */
export class GoneError extends APIStatusError {
  override name = "GoneError";
}
/** 413: more data than this operation takes. */
export class PayloadTooLargeError extends APIStatusError {
  override name = "PayloadTooLargeError";
}
/** 415: the server does not read this media type here. */
export class UnsupportedMediaTypeError extends APIStatusError {
  override name = "UnsupportedMediaTypeError";
}
/** 422: understood, but it cannot be used: wrong options, too few rows, an unusable table. */
export class UnprocessableEntityError extends APIStatusError {
  override name = "UnprocessableEntityError";
}
/** 425: the server would not risk a replayed request. */
export class TooEarlyError extends APIStatusError {
  override name = "TooEarlyError";
}
/** 429: too many requests. */
export class RateLimitError extends APIStatusError {
  override name = "RateLimitError";
}
/** 5xx: the fault is the server's. */
export class ServerError extends APIStatusError {
  override name = "ServerError";
}
/** 500: the server failed. */
export class InternalServerError extends ServerError {
  override name = "InternalServerError";
}
/** 502: a proxy got no usable answer from the server. */
export class BadGatewayError extends ServerError {
  override name = "BadGatewayError";
}
/** 503: the server cannot do this now. */
export class ServiceUnavailableError extends ServerError {
  override name = "ServiceUnavailableError";
}
/** 504: a proxy gave up waiting for the server. */
export class GatewayTimeoutError extends ServerError {
  override name = "GatewayTimeoutError";
}

/** A job that will bring no result. */
export class JobError extends PynomalyError {
  override name = "JobError";

  constructor(
    message: string,
    /** Id of the job. */
    readonly jobId: string,
  ) {
    super(message);
  }
}

/** The job ended without a result; `problem` and `code` say why. */
export class JobFailedError extends JobError {
  override name = "JobFailedError";
  readonly code: string | undefined;

  constructor(
    jobId: string,
    readonly problem: Problem | undefined,
  ) {
    const detail = problem ? problem.detail || problem.title : "the server gives no reason";
    super(`Job ${jobId} failed${problem ? ` (${problem.code})` : ""}: ${detail}`, jobId);
    this.code = problem?.code;
  }
}

/** The job was cancelled before it had a result. */
export class JobCancelledError extends JobError {
  override name = "JobCancelledError";

  constructor(jobId: string) {
    super(`Job ${jobId} was cancelled, so it has no result; submit it again.`, jobId);
  }
}

/** The server names a state this version does not know. */
export class UnknownJobStateError extends JobError {
  override name = "UnknownJobStateError";

  constructor(
    jobId: string,
    readonly state: string,
  ) {
    super(
      `Job ${jobId} is in state '${state}', which this version of pynomaly-js does not know; ` +
        "update it with: npm install pynomaly-js@latest",
      jobId,
    );
  }
}
