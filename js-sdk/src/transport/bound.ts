/** Bounds one attempt: by the time it has, and by the caller's signal. */
import type { Clock } from "./clock.js";
import { TimeUp } from "./fault.js";

/** How an attempt ended that did not end by itself. */
export type Ended = "timeout" | "aborted" | undefined;

/** A signal that aborts when the time is up or the caller wishes it. */
export class Bound {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #aborted: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #how: Ended;

  /**
   * @param clock - Time.
   * @param caller - The caller's signal.
   */
  constructor(
    private readonly clock: Clock,
    caller: AbortSignal | undefined,
  ) {
    if (!caller) return;
    this.#caller = caller;
    this.#aborted = () => {
      this.#end("aborted", caller.reason);
    };
    if (caller.aborted) this.#aborted();
    else caller.addEventListener("abort", this.#aborted);
  }

  /** Aborts with the bound. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How it ended, undefined where it did not. */
  get ended(): Ended {
    return this.#how;
  }

  /** Give it `wait` milliseconds from now on. */
  allow(wait: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = Number.isFinite(wait)
      ? this.clock.after(wait, () => {
          this.#end("timeout", new TimeUp("the time is up"));
        })
      : undefined;
  }

  /** Stop watching. */
  close(): void {
    this.#cancelTimer?.();
    if (this.#aborted) this.#caller?.removeEventListener("abort", this.#aborted);
  }

  #end(how: Ended, reason: unknown): void {
    this.#how ??= how;
    this.#controller.abort(reason);
  }
}
