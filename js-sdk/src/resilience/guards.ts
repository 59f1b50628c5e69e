/** What all calls of a client share: breakers, the retry budget, and who is told of what they decide. */
import { ConfigurationError } from "../errors.js";
import { Breaker, breakerPolicy, type BreakerPolicy, type BreakerState, type Permit, type Verdict } from "./breaker.js";
import { budgetPolicy, RetryBudget, type BudgetPolicy } from "./budget.js";
import { tell, type Hooks } from "./hooks.js";

/** How a client behaves towards a server in trouble. */
export interface ResilienceOptions {
  /** When the circuit breakers open; null for no breakers. */
  readonly breaker?: Partial<BreakerPolicy> | null | undefined;
  /** How many retries there may be; null for no budget. */
  readonly budget?: Partial<BudgetPolicy> | null | undefined;
  /** Attempts that may be under way at once; further ones wait. No bound where left out. */
  readonly maxConcurrent?: number | undefined;
  /** Milliseconds after which a read that has not been answered is sent a second time; never where left out. */
  readonly hedgeAfter?: number | undefined;
}

/** The breakers, one per origin and group of operations, and the budget of a client. */
export class Guards {
  readonly maxConcurrent: number | undefined;
  readonly hedgeAfter: number | undefined;
  readonly #breaker: BreakerPolicy | undefined;
  readonly #budgetPolicy: BudgetPolicy | undefined;
  readonly #breakers = new Map<string, Map<string, Breaker>>();
  #budget: RetryBudget | undefined;

  constructor(
    options: ResilienceOptions = {},
    readonly hooks: Hooks = {},
  ) {
    this.#breaker = options.breaker === null ? undefined : breakerPolicy(options.breaker ?? {});
    this.#budgetPolicy = options.budget === null ? undefined : budgetPolicy(options.budget ?? {});
    this.#budget = this.#budgetPolicy && new RetryBudget(this.#budgetPolicy);
    this.maxConcurrent = options.maxConcurrent;
    this.hedgeAfter = options.hedgeAfter;
    if (this.maxConcurrent !== undefined && !(Number.isInteger(this.maxConcurrent) && this.maxConcurrent >= 1)) {
      throw new ConfigurationError(`maxConcurrent must be a whole number from 1, not ${String(this.maxConcurrent)}.`);
    }
    if (this.hedgeAfter !== undefined && !(this.hedgeAfter > 0)) {
      throw new ConfigurationError(`hedgeAfter must be a positive number of milliseconds, not ${String(this.hedgeAfter)}.`);
    }
  }

  /** Leave for an attempt, or undefined where the breaker refuses it. */
  acquire(origin: string, group: string, now: number): Permit | undefined {
    return this.#breaker ? this.#breakerOf(origin, group, this.#breaker).acquire(now) : { round: 0 };
  }

  /** Give the permit of an attempt back with what came of it. */
  settle(origin: string, group: string, permit: Permit, judged: Verdict, now: number, retryAfter?: number): void {
    if (this.#breaker) this.#breakerOf(origin, group, this.#breaker).settle(permit, judged, now, retryAfter);
  }

  /** Milliseconds until the breaker lets an attempt through. */
  closedFor(origin: string, group: string, now: number): number {
    return this.#breakers.get(origin)?.get(group)?.closedFor(now) ?? 0;
  }

  /** Where each breaker stands. */
  states(now: number): { origin: string; group: string; state: BreakerState }[] {
    return [...this.#breakers].flatMap(([origin, groups]) =>
      [...groups].map(([group, breaker]) => ({ origin, group, state: breaker.state(now) })),
    );
  }

  /** Close every breaker and fill the budget. */
  reset(): void {
    for (const groups of this.#breakers.values()) for (const breaker of groups.values()) breaker.reset();
    this.#budget = this.#budgetPolicy && new RetryBudget(this.#budgetPolicy);
  }

  /** A call begins. */
  payIn(): void {
    this.#budget?.payIn();
  }

  /** Take the budget's token of a retry; whether there was one. */
  take(): boolean {
    return this.#budget?.take() ?? true;
  }

  #breakerOf(origin: string, group: string, policy: BreakerPolicy): Breaker {
    let groups = this.#breakers.get(origin);
    if (groups === undefined) this.#breakers.set(origin, (groups = new Map<string, Breaker>()));
    let breaker = groups.get(group);
    if (breaker === undefined) {
      breaker = new Breaker(policy, (before, after) => {
        tell(this.hooks.onBreaker, { origin, group, before, after });
      });
      groups.set(group, breaker);
    }
    return breaker;
  }
}
