/**
 * One call under way: its deadline, the record of its attempts and what follows a failed one.
 *
 * The driver keeps the state of a call here; nothing here reads a clock.
 */
import { originOf } from "../address.js";
import { APIAbortError, APITimeoutError, APIStatusError, CircuitOpenError, type APIError, type Attempt } from "../errors.js";
import type { Operation } from "./operation.js";
import { verdict, type Permit, type Verdict } from "../resilience/breaker.js";
import type { Deadline } from "../resilience/deadline.js";
import type { Guards } from "../resilience/guards.js";
import { tell } from "../resilience/hooks.js";
import { decide, type Decision } from "../resilience/retry.js";
import type { Ended } from "./bound.js";
import { classify, mayPass, TimeUp, type Fault } from "./fault.js";
import type { Outgoing } from "./request.js";
import type { CallTrace } from "./tracing.js";

const GIVE_UP: Decision = { then: "give-up" };

/** What a call is made of. */
export interface CallParts {
  readonly op: Operation;
  readonly request: Outgoing;
  /** The first server, up to and including `/api/v1`. */
  readonly root: string;
  /** Its scheme, host and port. */
  readonly origin: string;
  /** Addresses of the installation that are tried in turn where the first does not answer. */
  readonly further: readonly string[];
  readonly maxRetries: number;
  readonly deadline: Deadline;
  readonly guards: Guards;
  /** Draws a number in [0, 1) for the jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal | undefined;
}

/** The state of one call. */
export class Call {
  readonly op: Operation;
  readonly request: Outgoing;
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
  /** What follows the attempt that failed last. */
  next: Decision = GIVE_UP;
  root: string;
  /** Its spans, where somebody traces. */
  trace: CallTrace | undefined;
  #origin: string;
  readonly #further: string[];
  readonly #attempts: Attempt[] = [];
  #here = 0;
  #began = 0;
  #permit: Permit | undefined;
  #reached = false;

  constructor(private readonly parts: CallParts) {
    this.op = parts.op;
    this.request = parts.request;
    this.deadline = parts.deadline;
    this.signal = parts.signal;
    this.root = parts.root;
    this.#origin = parts.origin;
    this.#further = [...parts.further];
    parts.guards.payIn();
  }

  /** What happened so far. */
  get record(): readonly Attempt[] {
    return [...this.#attempts];
  }

  /** Milliseconds after which the request is sent a second time; undefined where it must not be. */
  get hedgeAfter(): number | undefined {
    return this.op.method === "GET" && this.op.retry === "safe" ? this.parts.guards.hedgeAfter : undefined;
  }

  /** Whether the request can be sent another time. */
  get replayable(): boolean {
    return this.request.content?.replayable ?? true;
  }

  /** Start an attempt; the error where no time is left or the breaker lets none through. */
  begin(now: number): APIError | undefined {
    this.next = GIVE_UP;
    this.#began = now;
    const { guards } = this.parts;
    if (this.signal?.aborted) return this.abortError();
    if (this.deadline.passed(now)) {
      return new APITimeoutError(
        `The ${this.deadline.timeout} ms of ${this.op.id} were over before another attempt could start. ` +
          "Give the call a longer timeout.",
        { attempts: this.record },
      );
    }
    this.#permit = guards.acquire(this.#origin, this.op.breaker, now);
    if (this.#permit === undefined) {
      const wait = guards.closedFor(this.#origin, this.op.breaker, now);
      return new CircuitOpenError(this.#origin, this.op.breaker, wait, this.record);
    }
    this.#here += 1;
    this.trace?.attempt(this.#origin);
    const { onRequest } = guards.hooks;
    if (onRequest) tell(onRequest, { operationId: this.op.id, origin: this.#origin, attempt: this.#attempts.length + 1 });
    return undefined;
  }

  /** Record the attempt that brought the answer. */
  succeeded(now: number, status: number, requestId: string | undefined): void {
    this.#settle(now, "success");
    this.#note(now, String(status), status, requestId, false);
  }

  /** Record a failed attempt, decide what follows, and return the error for the caller. */
  failed(thrown: unknown, ended: Ended, now: number, wallTime: number): APIError {
    if (ended === "aborted") return this.#aborted(now);
    const fault = classify(ended === "timeout" ? new TimeUp("the time is up", { cause: thrown }) : thrown, this.#origin, wallTime);
    const { error, failure } = fault;
    this.#note(now, fault.outcome, error.status, error.requestId);
    this.#reached ||= fault.reached;
    this.#settle(now, verdict(failure), failure.kind === "status" ? failure.retryAfter : undefined);
    this.next = this.#guarded(
      decide(this.parts.maxRetries, {
        retry: this.op.retry,
        failure,
        replayable: this.replayable,
        attempt: this.#here,
        remaining: this.deadline.remaining(now),
        random: this.parts.random,
      }),
      now,
    );
    if (this.next.then === "retry") this.#announce(fault, this.next.wait);
    error.attempts = this.record;
    if (this.#attempts.length > 1) error.addNote(`[after ${this.#attempts.length} attempts]`);
    this.#explain(error);
    return error;
  }

  /** The error of a stream that broke under way; it is not retried, because part of it was already used. */
  broke(thrown: unknown, ended: Ended, wallTime: number): APIError {
    if (ended === "aborted") return this.abortError();
    const { error } = classify(ended === "timeout" ? new TimeUp("the time is up") : thrown, this.#origin, wallTime);
    error.attempts = this.record;
    return error;
  }

  /** Give the breaker's permit back where the attempt was abandoned; nothing otherwise. */
  release(now: number): void {
    this.#settle(now, "neutral");
  }

  /**
   * Turn to the next address where there is one and it may be asked; whether it was done.
   *
   * A request that must not be repeated goes elsewhere only while it has certainly reached no server.
   */
  movesOn(error: APIError, now: number): boolean {
    const replayable = this.replayable || this.#attempts.length === 0;
    const repeatable = this.op.retry !== "never" || !this.#reached;
    const root = this.#further[0];
    if (root === undefined || !replayable || !repeatable || !mayPass(error) || this.deadline.passed(now)) return false;
    this.#further.shift();
    this.root = root;
    this.#origin = originOf(root);
    this.#here = 0;
    this.trace?.movesOn(this.#origin);
    tell(this.parts.guards.hooks.onFallback, { operationId: this.op.id, to: this.#origin, error });
    return true;
  }

  /** The error of a call that the caller's signal ended. */
  abortError(): APIAbortError {
    return new APIAbortError(`${this.op.id} was aborted by its signal.`, {
      attempts: this.record,
      cause: this.signal?.reason,
    });
  }

  #aborted(now: number): APIAbortError {
    this.#note(now, "aborted");
    this.next = GIVE_UP;
    return this.abortError();
  }

  /**
   * Let a retry wait until the breaker lets it through; give it up where another address can be asked meanwhile, or
   * the deadline or the budget forbids it.
   */
  #guarded(next: Decision, now: number): Decision {
    if (next.then === "give-up") return next;
    const { guards } = this.parts;
    const closed = guards.closedFor(this.#origin, this.op.breaker, now);
    if (closed > next.wait && (this.#further[0] || closed >= this.deadline.remaining(now))) {
      return { then: "give-up", reason: "breaker" };
    }
    if (!guards.take()) return { then: "give-up", reason: "budget" };
    return { then: "retry", wait: Math.max(next.wait, closed) };
  }

  #announce(fault: Fault, wait: number): void {
    const last = this.#attempts.length - 1;
    this.#attempts[last] = { ...this.#attempts[last]!, wait };
    this.trace?.waits(wait);
    tell(this.parts.guards.hooks.onRetry, {
      operationId: this.op.id,
      origin: this.#origin,
      attempt: last + 1,
      outcome: fault.outcome,
      wait,
    });
  }

  #explain(error: APIError): void {
    if (this.next.then === "retry") return;
    switch (this.next.reason) {
      case "deadline":
        if (error instanceof APIStatusError) {
          error.addNote(`Not tried again: the next wait would pass the timeout of ${this.deadline.timeout} ms.`);
        }
        return;
      case "breaker":
        error.addNote("Not tried again: the circuit breaker has opened after too many failures.");
        return;
      case "budget":
        error.addNote("Not tried again: too many calls of this client are being retried already.");
        return;
      case undefined:
    }
  }

  #settle(now: number, judged: Verdict, retryAfter?: number): void {
    if (this.#permit === undefined) return;
    this.parts.guards.settle(this.#origin, this.op.breaker, this.#permit, judged, now, retryAfter);
    this.#permit = undefined;
  }

  #note(now: number, outcome: string, status?: number, requestId?: string, failed = true): void {
    this.trace?.ended(outcome, status, requestId, failed);
    this.#attempts.push({
      number: this.#attempts.length + 1,
      started: this.deadline.elapsed(this.#began),
      elapsed: now - this.#began,
      outcome,
      status,
      requestId,
    });
  }
}
