import { ConfigurationError } from "../errors.js";

/** The deadline of a whole call: attempts, waits and polling together never pass it. */
export class Deadline {
  /**
   * @param started - When the call began, in milliseconds of a monotonic clock.
   * @param timeout - How many milliseconds it may take; `Infinity` for no limit.
   */
  constructor(
    readonly started: number,
    readonly timeout: number,
  ) {
    if (typeof timeout !== "number" || Number.isNaN(timeout) || timeout <= 0) {
      throw new ConfigurationError(
        `timeout must be a positive number of milliseconds, not ${String(timeout)}; use Infinity for no limit.`,
      );
    }
  }

  /** Milliseconds since the call began. */
  elapsed(now: number): number {
    return now - this.started;
  }

  /** Milliseconds left at `now`, never less than 0. */
  remaining(now: number): number {
    return Math.max(0, this.started + this.timeout - now);
  }

  /** Whether nothing is left at `now`. */
  passed(now: number): boolean {
    return this.remaining(now) <= 0;
  }
}
