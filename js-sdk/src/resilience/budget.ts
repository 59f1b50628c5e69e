/**
 * The retry budget: retries may add only so much to the load of a server that is failing.
 *
 * Every call pays in a part of a token, and every retry takes a whole one, so that in the long run retries stay below
 * that share of the calls; a reserve lets a client that calls rarely retry at all (the idea of Finagle's `RetryBudget`).
 */
import { ConfigurationError } from "../errors.js";

/** How many retries a client may make. */
export interface BudgetPolicy {
  /** Tokens that each call pays in, in [0, 1]: retries per call in the long run. */
  readonly ratio: number;
  /** Tokens at the start, and the most that are kept. */
  readonly reserve: number;
}

/** The budget of a client that was told nothing else. */
export const DEFAULT_BUDGET: BudgetPolicy = { ratio: 0.2, reserve: 20 };

/** A whole policy from the parts that were given. */
export function budgetPolicy(given: Partial<BudgetPolicy>): BudgetPolicy {
  const policy = { ...DEFAULT_BUDGET, ...given };
  if (!(policy.ratio >= 0 && policy.ratio <= 1)) {
    throw new ConfigurationError(`budget.ratio must be in [0, 1], not ${String(policy.ratio)}.`);
  }
  if (!(policy.reserve >= 0)) {
    throw new ConfigurationError(`budget.reserve must be 0 or more, not ${String(policy.reserve)}.`);
  }
  return policy;
}

/** The tokens of one client, in thousandths, so that paying in a fifth five times is exactly one. */
export class RetryBudget {
  readonly #pay: number;
  readonly #most: number;
  #left: number;

  constructor(policy: BudgetPolicy) {
    this.#pay = Math.round(policy.ratio * 1000);
    this.#most = Math.round(policy.reserve * 1000);
    this.#left = this.#most;
  }

  /** What is left. */
  get tokens(): number {
    return this.#left / 1000;
  }

  /** A call begins. */
  payIn(): void {
    this.#left = Math.min(this.#most, this.#left + this.#pay);
  }

  /** Take the token of a retry; whether there was one. */
  take(): boolean {
    if (this.#left < 1000) return false;
    this.#left -= 1000;
    return true;
  }
}
