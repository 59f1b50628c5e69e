/**
 * The circuit breaker: calls to a server that keeps failing fail at once instead of waiting for it.
 *
 * Closed, it lets every attempt through and counts. Open, it lets none through until a time. Half-open, it lets a
 * few probes through: one that succeeds closes it, one that fails opens it again (M. Nygard, "Release It!", 2007,
 * "Circuit Breaker").
 */
import { ConfigurationError } from "../errors.js";
import type { Failure } from "./retry.js";

/** Where a breaker stands. */
export type BreakerState = "closed" | "open" | "half-open";

/** What an attempt says about the health of the server; `neutral` says nothing. */
export type Verdict = "success" | "failure" | "neutral";

/** When a breaker opens, and for how long. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly consecutive: number;
  /** Share of failures in (0, 1] within the window that opens it. */
  readonly failureRate: number;
  /** Attempts that the window must hold before the share counts. */
  readonly minCalls: number;
  /** Length of the window in milliseconds. */
  readonly window: number;
  /** Milliseconds it stays open; a longer `Retry-After` of the server extends it. */
  readonly openFor: number;
  /** Attempts that may be under way at once while it is half-open. */
  readonly probes: number;
}

/** The breaker of a client that was told nothing else. */
export const DEFAULT_BREAKER: BreakerPolicy = {
  consecutive: 5,
  failureRate: 0.5,
  minCalls: 20,
  window: 30_000,
  openFor: 5_000,
  probes: 1,
};

/** A whole policy from the parts that were given. */
export function breakerPolicy(given: Partial<BreakerPolicy>): BreakerPolicy {
  const policy = { ...DEFAULT_BREAKER, ...given };
  for (const name of ["consecutive", "minCalls", "probes"] as const) {
    if (!Number.isInteger(policy[name]) || policy[name] < 1) {
      throw new ConfigurationError(`breaker.${name} must be a whole number from 1, not ${String(policy[name])}.`);
    }
  }
  if (!(policy.failureRate > 0 && policy.failureRate <= 1)) {
    throw new ConfigurationError(`breaker.failureRate must be in (0, 1], not ${String(policy.failureRate)}.`);
  }
  if (!(policy.window > 0 && policy.openFor > 0)) {
    throw new ConfigurationError("breaker.window and breaker.openFor must be positive numbers of milliseconds.");
  }
  return policy;
}

/**
 * Leave to make one attempt; it must be given back with `Breaker.settle`. Its round is the period of the breaker that
 * it belongs to: what an attempt from an earlier one brings says nothing about the present.
 */
export interface Permit {
  readonly round: number;
}

type Phase =
  | { readonly name: "closed"; readonly seen: { at: number; failed: boolean }[]; failed: number; inARow: number }
  | { readonly name: "open"; readonly until: number }
  | { readonly name: "half-open"; probing: number };

// A busy client makes thousands of calls in a window; the latest thousand tell the share as well.
const MOST_SEEN = 1000;

/** What an attempt says about the health of the server: a server that refuses a request is at work. */
export function verdict(failure: Failure | undefined): Verdict {
  if (failure === undefined) return "success";
  if (failure.kind === "connection" || failure.kind === "timeout") return "failure";
  if (failure.kind === "response" || failure.status === 429) return "neutral";
  return failure.status >= 500 && failure.status <= 599 && failure.status !== 501 ? "failure" : "success";
}

/** The state of one breaker. Time comes from outside, in milliseconds. */
export class Breaker {
  #phase: Phase = closed();
  #round = 0;

  /**
   * @param policy - When it opens.
   * @param changed - Told every change.
   */
  constructor(
    private readonly policy: BreakerPolicy,
    private readonly changed: (before: BreakerState, after: BreakerState) => void = () => undefined,
  ) {}

  /** Where it stands at `now`. */
  state(now: number): BreakerState {
    return this.#phase.name === "open" && now >= this.#phase.until ? "half-open" : this.#phase.name;
  }

  /** Milliseconds until an attempt may be let through: 0 unless it is open. */
  closedFor(now: number): number {
    return this.#phase.name === "open" ? Math.max(0, this.#phase.until - now) : 0;
  }

  /** Leave for one attempt, or undefined where it is refused. */
  acquire(now: number): Permit | undefined {
    if (this.#phase.name === "open" && now >= this.#phase.until) this.#move({ name: "half-open", probing: 0 });
    switch (this.#phase.name) {
      case "closed":
        break;
      case "open":
        return undefined;
      case "half-open":
        if (this.#phase.probing >= this.policy.probes) return undefined;
        this.#phase.probing += 1;
        break;
      default:
        return unknownPhase(this.#phase);
    }
    return { round: this.#round };
  }

  /**
   * Give a permit back with what came of the attempt.
   *
   * @param permit - What `acquire` gave; one of an earlier period is only taken back.
   * @param judged - What the attempt says; `neutral` also for an attempt that was abandoned.
   * @param now - The time.
   * @param retryAfter - Milliseconds the server asks to be left alone.
   */
  settle(permit: Permit, judged: Verdict, now: number, retryAfter = 0): void {
    if (permit.round !== this.#round) return;
    const phase = this.#phase;
    switch (phase.name) {
      case "half-open":
        phase.probing -= 1;
        if (judged === "success") this.#move(closed());
        else if (judged === "failure") this.#open(now, retryAfter);
        return;
      case "closed": {
        if (judged === "neutral") return;
        const failed = judged === "failure";
        phase.inARow = failed ? phase.inARow + 1 : 0;
        phase.seen.push({ at: now, failed });
        phase.failed += Number(failed);
        let oldest = phase.seen[0];
        while (oldest !== undefined && (oldest.at <= now - this.policy.window || phase.seen.length > MOST_SEEN)) {
          phase.failed -= Number(oldest.failed);
          phase.seen.shift();
          oldest = phase.seen[0];
        }
        const calls = phase.seen.length;
        const tooMany = calls >= this.policy.minCalls && phase.failed >= this.policy.failureRate * calls;
        if (phase.inARow >= this.policy.consecutive || tooMany) this.#open(now, retryAfter);
        return;
      }
      case "open":
        // No permit of this round exists: none is given while it is open.
        return;
      default:
        unknownPhase(phase);
    }
  }

  /** Close it and forget what was counted. */
  reset(): void {
    this.#move(closed());
  }

  #open(now: number, retryAfter: number): void {
    this.#move({ name: "open", until: now + Math.max(this.policy.openFor, retryAfter) });
  }

  #move(to: Phase): void {
    const before = this.#phase.name;
    this.#phase = to;
    this.#round += 1;
    if (before !== to.name) this.changed(before, to.name);
  }
}

function closed(): Phase {
  return { name: "closed", seen: [], failed: 0, inARow: 0 };
}

function unknownPhase(phase: never): never {
  throw new TypeError(`unknown phase of a breaker: ${JSON.stringify(phase)}`);
}
