/** Places of attempts that may be under way at once; whoever finds none waits within its own bound. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param size - Number of places. */
  constructor(size: number) {
    this.#free = size;
  }

  /** Do something in one of the places. */
  async within<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    // Who finds a place goes on at once, without a turn of the event loop's.
    if (this.#free >= 1) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const given = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(given), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(given);
    });
  }
}
