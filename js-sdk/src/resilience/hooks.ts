/** Callbacks of the caller: what a client does is told as it happens. */
import type { BreakerState } from "./breaker.js";

/** An attempt begins. */
export interface RequestEvent {
  /** Operation of the contract. */
  readonly operationId: string;
  /** The server. */
  readonly origin: string;
  /** Number of the attempt, 1 for the first. */
  readonly attempt: number;
}

/** An attempt failed and another follows. */
export interface RetryEvent extends RequestEvent {
  /** What came of the failed attempt, such as `503 overloaded`. */
  readonly outcome: string;
  /** Milliseconds until the next. */
  readonly wait: number;
}

/** A circuit breaker changed. */
export interface BreakerEvent {
  /** The server. */
  readonly origin: string;
  /** Group of operations that share the breaker. */
  readonly group: string;
  /** Where it stood. */
  readonly before: BreakerState;
  /** Where it stands. */
  readonly after: BreakerState;
}

/** The server could not answer, and something else does. */
export interface FallbackEvent {
  /** Operation of the contract. */
  readonly operationId: string;
  /** The next address, `function` or `local`. */
  readonly to: string;
  /** Why. */
  readonly error: Error;
}

/**
 * The callbacks of a client. They run within the call, so they should be quick; what one throws does the call no harm,
 * and is printed with `console.error`.
 */
export interface Hooks {
  /** Before each attempt. */
  readonly onRequest?: ((event: RequestEvent) => unknown) | undefined;
  /** After a failed attempt that is made again. */
  readonly onRetry?: ((event: RetryEvent) => unknown) | undefined;
  /** When a circuit breaker opens, closes or lets probes through. */
  readonly onBreaker?: ((event: BreakerEvent) => unknown) | undefined;
  /** When something else than the first server answers. */
  readonly onFallback?: ((event: FallbackEvent) => unknown) | undefined;
}

/** Tell a hook, where there is one. */
export function tell<Event>(hook: ((event: Event) => unknown) | undefined, event: Event): void {
  const failed = (error: unknown) => {
    console.error("A hook of pynomaly-js failed:", error);
  };
  try {
    const returned = hook?.(event);
    if (returned instanceof Promise) returned.catch(failed);
  } catch (error) {
    failed(error);
  }
}
