/**
 * When a failed attempt is made again, and after how long.
 *
 * The wait is "full jitter": a uniform draw below an exponentially growing bound, which spreads the clients of a
 * server that comes back (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
import { ConfigurationError } from "../errors.js";

/** Why an attempt brought no answer. */
export type Failure =
  /** Refused, reset, cut off. */
  | { readonly kind: "connection" }
  /** No answer in time. */
  | { readonly kind: "timeout" }
  /** A 2xx answer that cannot be read. */
  | { readonly kind: "response" }
  /** An answer that is not 2xx; `retryAfter` in milliseconds. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string | undefined;
      readonly retryAfter?: number | undefined;
    };

/** What follows a failed attempt. */
export type Decision =
  /** Another attempt after `wait` milliseconds. */
  | { readonly then: "retry"; readonly wait: number }
  /** No further attempt; `reason` is what forbids one that the failure itself would allow. */
  | { readonly then: "give-up"; readonly reason?: "deadline" | "budget" | "breaker" };

/** What a decision is made by. */
export interface Situation {
  /** The operation's retry class in the contract. */
  readonly retry: "safe" | "idempotency-key" | "never";
  /** What went wrong. */
  readonly failure: Failure;
  /** Whether the request can be sent again at all; a body that was read from a stream cannot. */
  readonly replayable: boolean;
  /** Number of the failed attempt, 1 for the first. */
  readonly attempt: number;
  /** Milliseconds left until the deadline. */
  readonly remaining: number;
  /** Draws a number in [0, 1). */
  readonly random: () => number;
}

const BASE = 500;
const CAP = 8_000;
const RETRIED = new Set([408, 425, 429]);
const IN_FLIGHT = "request-in-progress";
const USED_UP = "quota-exceeded";

/** The number of retries a client was told, checked. */
export function checkedRetries(maxRetries: number): number {
  if (!Number.isInteger(maxRetries) || maxRetries < 0) {
    throw new ConfigurationError(`maxRetries must be a whole number of 0 or more, not ${String(maxRetries)}; 0 is for none.`);
  }
  return maxRetries;
}

/** Decide what follows a failed attempt, of which `maxRetries` may be made again. */
export function decide(maxRetries: number, situation: Situation): Decision {
  const { failure, attempt, remaining } = situation;
  if (situation.retry === "never" || !situation.replayable || !isTransient(failure) || attempt > maxRetries) {
    return { then: "give-up" };
  }
  const asked = failure.kind === "status" ? failure.retryAfter : undefined;
  const wait = asked ?? backoff(attempt, situation.random);
  return wait >= remaining ? { then: "give-up", reason: "deadline" } : { then: "retry", wait };
}

/** Draw the wait after failed attempt number `attempt`, in milliseconds. */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(CAP, BASE * 2 ** Math.min(attempt - 1, 32));
}

/** Whether the same request may well succeed a little later. */
export function isTransient(failure: Failure): boolean {
  switch (failure.kind) {
    case "connection":
    case "timeout":
      return true;
    case "response":
      return false;
    case "status":
      if (failure.code === USED_UP) return false;
      if (RETRIED.has(failure.status) || (failure.status === 409 && failure.code === IN_FLIGHT)) return true;
      return failure.status >= 500 && failure.status <= 599 && failure.status !== 501;
    default:
      return unknownFailure(failure);
  }
}

function unknownFailure(failure: never): never {
  throw new TypeError(`unknown kind of failure: ${JSON.stringify(failure)}`);
}
