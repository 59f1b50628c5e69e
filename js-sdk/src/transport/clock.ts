/** Time as the driver sees it, in milliseconds. */
export interface Clock {
  /** Time that never goes back. */
  now(): number;
  /** Time since the epoch. */
  time(): number;
  /** Let `wait` pass; rejects with the signal's reason where it aborts before. */
  sleep(wait: number, signal?: AbortSignal): Promise<void>;
  /** Call back after `wait`, unless the returned function is called before. */
  after(wait: number, callback: () => void): () => void;
}

// A timer cannot be set for longer; who waits for weeks looks again then.
const LONGEST = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  time: () => Date.now(),
  sleep: (wait, signal) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
        Math.min(wait, LONGEST),
      );
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    }),
  after: (wait, callback) => {
    if (wait > LONGEST) return () => undefined;
    const timer = setTimeout(callback, wait);
    return () => {
      clearTimeout(timer);
    };
  },
};
