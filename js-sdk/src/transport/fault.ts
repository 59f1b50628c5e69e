/** Turns what can go wrong in one attempt into a failure for the policies and an error for the caller. */
import {
  APIConnectionError,
  APIResponseError,
  APIStatusError,
  APITimeoutError,
  CircuitOpenError,
  type APIError,
} from "../errors.js";
import { isTransient, type Failure } from "../resilience/retry.js";
import { parseRetryAfter } from "../resilience/retry-after.js";
import { refusal, type Answer } from "./answer.js";

/** One failed attempt. */
export interface Fault {
  /** What the policies decide by. */
  readonly failure: Failure;
  /** What the caller gets if nothing follows. */
  readonly error: APIError;
  /** A few words for the record of the attempt. */
  readonly outcome: string;
  /** Whether the request may have reached a server. */
  readonly reached: boolean;
}

/** Carries an answer that is not 2xx out of the attempt. */
export class Refused extends Error {
  constructor(readonly answer: Answer) {
    super(`HTTP ${answer.status}`);
  }
}

/** Carries the fact that an answer is over its bound out of the attempt. */
export class TooLarge extends Error {
  constructor(readonly limit: number) {
    super(`over ${limit} bytes`);
  }
}

/** The time of an attempt is up. */
export class TimeUp extends Error {
  override name = "TimeUp";
}

// What comes before a connection is made: nobody has seen the request.
const NOT_REACHED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const TIMEOUTS = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);

/**
 * Explain what an attempt threw.
 *
 * @param thrown - What it was.
 * @param origin - The server, for messages.
 * @param now - Milliseconds since the epoch, to read a `Retry-After` date.
 */
export function classify(thrown: unknown, origin: string, now: number): Fault {
  if (thrown instanceof Refused) return refused(thrown.answer, now);
  if (thrown instanceof TooLarge) {
    const message = `The answer is larger than ${thrown.limit} bytes; ask for less, or stream it.`;
    return { failure: { kind: "response" }, error: new APIResponseError(message), outcome: "answer too large", reached: true };
  }
  const { code, reason } = underneath(thrown);
  if (thrown instanceof TimeUp || TIMEOUTS.has(code)) {
    const connecting = code === "UND_ERR_CONNECT_TIMEOUT";
    const message = connecting
      ? `No connection to ${origin} in time. Check baseUrl and that the server is reachable from here.`
      : `No answer from ${origin} in time. Give the call a longer timeout, or see how busy it is.`;
    const error = new APITimeoutError(message, { cause: thrown });
    return { failure: { kind: "timeout" }, error, outcome: "timeout", reached: !connecting };
  }
  const reached = !(NOT_REACHED.has(code) || /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS)/.test(code));
  const message = reached
    ? `The connection to ${origin} broke before the whole answer was there: ${reason}.`
    : `Cannot connect to ${origin}: ${reason}. Check baseUrl and that the server runs ` +
      "(`pynomaly serve` starts one on this machine).";
  const error = new APIConnectionError(message, { cause: thrown });
  return { failure: { kind: "connection" }, error, outcome: code || "connection error", reached };
}

/** Whether the same call may well succeed later, or elsewhere: the server may be restarting. */
export function mayPass(error: APIError): boolean {
  if (error instanceof APIStatusError) {
    return isTransient({ kind: "status", status: error.status, code: error.code });
  }
  return error instanceof APIConnectionError || error instanceof APITimeoutError || error instanceof CircuitOpenError;
}

function refused(answer: Answer, now: number): Fault {
  const error = refusal(answer);
  error.retryAfter = parseRetryAfter(answer.headers.get("retry-after"), now);
  const { status } = answer;
  return {
    failure: { kind: "status", status, code: error.code, retryAfter: error.retryAfter },
    error,
    outcome: error.code ? `${status} ${error.code}` : String(status),
    reached: true,
  };
}

/** Code and words of what lies below: `fetch` says no more than that it failed, and gives the reason as its cause. */
function underneath(thrown: unknown): { code: string; reason: string } {
  let reason = "";
  let code = "";
  for (let each = thrown, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    // Several addresses were tried, and each failed in a way of its own.
    const inner: Error = each instanceof AggregateError && each.errors[0] instanceof Error ? each.errors[0] : each;
    reason = inner.message || reason;
    code = (inner as { code?: unknown }).code?.toString() ?? code;
  }
  return { code, reason: reason || code || "no reason was given" };
}
