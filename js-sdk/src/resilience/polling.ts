/** How a job is polled: held by the server while possible, with growing pauses where the server answers at once. */

/** The pace of polling; every time in milliseconds. */
export interface PollPolicy {
  /** How long the server is asked to hold an answer back (`?wait=`). */
  readonly hold: number;
  /** First pause between two polls. */
  readonly base: number;
  /** Longest pause. */
  readonly cap: number;
  /** How long a server may stay unreachable where the caller set no limit. */
  readonly patience: number;
}

/** The pace of somebody who only wants the end. */
export const PATIENT: PollPolicy = { hold: 30_000, base: 250, cap: 8_000, patience: 120_000 };
/** The pace of somebody who watches. */
export const WATCHED: PollPolicy = { ...PATIENT, hold: 1_000, cap: 1_000 };

/** How long to ask the server to hold back, so that its answer comes before the deadline. */
export function pollHold(policy: PollPolicy, remaining: number): number {
  return Math.max(0, Math.min(policy.hold, remaining - 1_000));
}

/**
 * How long to pause after a poll that found the job still under way.
 *
 * A server that held the answer back has waited in our place, so the next poll follows at once. The jitter is half of
 * the pause: with full jitter a run of small draws would ask many times in a row.
 *
 * @param policy - The pace.
 * @param polls - Number of answers or failures in a row that came at once, 1 for the first.
 * @param took - How long the poll took.
 * @param random - Draws a number in [0, 1).
 */
export function pollPause(policy: PollPolicy, polls: number, took: number, random: () => number): number {
  const bound = Math.min(policy.cap, policy.base * 2 ** Math.min(polls - 1, 32));
  return Math.max(0, bound * (0.5 + 0.5 * random()) - took);
}
