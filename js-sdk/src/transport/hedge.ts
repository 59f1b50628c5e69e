import type { Clock } from "./clock.js";

/**
 * Make an attempt, and the same a second time where it is not over `after` milliseconds later.
 *
 * The first that succeeds counts, and the other is aborted; where both fail, the error of the later.
 */
export function hedged<Result>(
  attempt: (signal: AbortSignal) => Promise<Result>,
  after: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const controllers: AbortController[] = [];
    let failed = 0;
    const over = () => {
      cancel();
      signal.removeEventListener("abort", stop);
    };
    const stop = () => {
      for (const each of controllers) each.abort(signal.reason);
    };
    const begin = () => {
      const own = new AbortController();
      controllers.push(own);
      attempt(own.signal).then(
        (result) => {
          over();
          for (const other of controllers) if (other !== own) other.abort();
          resolve(result);
        },
        (error: unknown) => {
          failed += 1;
          if (failed < controllers.length) return;
          over();
          reject(error as Error); // eslint-disable-line @typescript-eslint/no-unnecessary-type-assertion -- passed on as it came
        },
      );
    };
    const cancel = clock.after(after, begin);
    signal.addEventListener("abort", stop, { once: true });
    begin();
    if (signal.aborted) stop();
  });
}
