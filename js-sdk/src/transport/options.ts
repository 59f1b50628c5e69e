/** What one call does differently from its client. */
export interface CallOptions {
  /**
   * Milliseconds for the whole call, attempts and waits included; the client's, or the operation's own default, where
   * left out. `Infinity` for no limit.
   */
  readonly timeout?: number | undefined;
  /** Further attempts after the first. */
  readonly maxRetries?: number | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Key of an operation that takes one; generated where left out. */
  readonly idempotencyKey?: string | undefined;
  /** Ends the call, its waits and the reading of its answer. */
  readonly signal?: AbortSignal | undefined;
}

/** `options` where they say something, `base` where they do not. */
export function over(options: CallOptions | undefined, base: CallOptions): CallOptions {
  return {
    timeout: options?.timeout ?? base.timeout,
    maxRetries: options?.maxRetries ?? base.maxRetries,
    headers: { ...base.headers, ...options?.headers },
    idempotencyKey: options?.idempotencyKey ?? base.idempotencyKey,
    signal: options?.signal ?? base.signal,
  };
}
