/**
 * Carries one call over HTTP: attempts, waits and reading, under one deadline.
 *
 * All decisions are made by the policies through `Call`; this file only does what they say.
 */
import { originOf } from "../address.js";
import { ConfigurationError, type APIError } from "../errors.js";
import type { Operation } from "./operation.js";
import { Deadline } from "../resilience/deadline.js";
import { over, type CallOptions } from "./options.js";
import { Guards } from "../resilience/guards.js";
import { checkedRetries } from "../resilience/retry.js";
import { decode, mediaType, requestId, type Answer } from "./answer.js";
import { EventParser, type ServerEvent } from "./sse.js";
import { Call } from "./call.js";
import { systemClock, type Clock } from "./clock.js";
import { JSON_TYPE, sendable } from "./content.js";
import { Refused, TooLarge } from "./fault.js";
import { buildRequest, type Bearer, type CallRequest, type Connection } from "./request.js";
import { Bound } from "./bound.js";
import type { OpenTelemetry } from "./tracing.js";
import { Slots } from "./slots.js";
import { hedged } from "./hedge.js";

/** The global `fetch`, or one that behaves like it. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What a driver is made of. */
export interface DriverParts {
  readonly connection: Connection;
  readonly options?: CallOptions;
  /** Further addresses of the same installation, each up to and including `/api/v1`. */
  readonly further?: readonly string[];
  readonly guards?: Guards;
  readonly fetch?: Fetch | undefined;
  /** Who has the access token, where a user is logged in. */
  readonly bearer?: (() => Promise<Bearer>) | undefined;
  readonly clock?: Clock;
  /** Draws a number in [0, 1) for the jitter. */
  readonly random?: () => number;
}

// The contract's timeout classes.
const TIMEOUTS = { short: 10_000, normal: 30_000, long: 120_000 };
const MAX_RETRIES = 3;
// Where OpenTelemetry's API keeps what a program registers with it.
const OPEN_TELEMETRY = Symbol.for("opentelemetry.js.api.1");
// A result of a million rows is some 100 MB of JSON; more comes as a stream.
const ANSWER_BYTES = 512 * 1024 * 1024;
const REFUSAL_BYTES = 1024 * 1024;

/** The body of an answer as it arrives; iterate over it once, or cancel it. */
export class Body implements AsyncIterable<Uint8Array> {
  /** Its media type. */
  readonly mediaType: string;
  readonly #response: Response;
  readonly #call: Call;
  readonly #bound: Bound;
  readonly #clock: Clock;

  /** @internal */
  constructor(response: Response, call: Call, bound: Bound, clock: Clock) {
    this.#response = response;
    this.#call = call;
    this.#bound = bound;
    this.#clock = clock;
    this.mediaType = mediaType(response.headers);
  }

  /** Headers of the answer. */
  get headers(): Headers {
    return this.#response.headers;
  }

  /**
   * Give the bytes, decompressed, chunk by chunk. The call's deadline held until the answer began; after that the same
   * time bounds each wait for more bytes, because nobody can say how long a large download may take.
   *
   * @throws APIConnectionError: The connection broke before the end.
   * @throws APITimeoutError: Nothing came for as long as the call's timeout.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = this.#response.body?.getReader();
    try {
      for (;;) {
        this.#bound.allow(this.#call.deadline.timeout);
        const next = await reader?.read().catch((thrown: unknown) => {
          throw this.#call.broke(thrown, this.#bound.ended, this.#clock.time());
        });
        if (!next || next.done) return;
        yield next.value;
      }
    } finally {
      this.#bound.close();
      await reader?.cancel().catch(() => undefined);
    }
  }

  /** Read no further. */
  async cancel(): Promise<void> {
    this.#bound.close();
    if (!this.#response.bodyUsed) await this.#response.body?.cancel();
  }
}

/** Carries the calls of one client. */
export class Driver {
  readonly guards: Guards;
  readonly clock: Clock;
  readonly random: () => number;
  // Truly private: the key is in it, and a client is printed and written as JSON by its other fields.
  readonly #parts: DriverParts;
  readonly #options: CallOptions;
  readonly #fetch: Fetch;
  readonly #origin: string;
  #slots: Slots | undefined;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.guards = parts.guards ?? new Guards();
    this.clock = parts.clock ?? systemClock;
    this.random = parts.random ?? Math.random;
    this.#options = parts.options ?? {};
    checkOptions(this.#options);
    // Looked up at every call, so that whoever replaces the global one later (a test, a tracer) is asked.
    this.#fetch = parts.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#origin = originOf(parts.connection.root);
    const { maxConcurrent } = this.guards;
    this.#slots = maxConcurrent === undefined ? undefined : new Slots(maxConcurrent);
  }

  /** Address of the server up to and including `/api/v1`. */
  get root(): string {
    return this.#parts.connection.root;
  }

  /** A driver with other defaults that shares everything else. */
  withOptions(options: CallOptions): Driver {
    const { guards, clock, random } = this;
    const other = new Driver({ ...this.#parts, guards, clock, random, options: over(options, this.#options) });
    other.#slots = this.#slots;
    return other;
  }

  /** Call an operation and read its JSON answer; undefined where it has none. */
  async call<Result>(op: Operation, request: CallRequest = {}): Promise<Result> {
    const call = this.#begin(op, request, JSON_TYPE);
    return decode(await this.#carry(call, (bound) => this.#whole(call, bound, true)), call) as Result;
  }

  /** Call an operation and return the bytes of its answer, whatever they are. */
  async read(op: Operation, request: CallRequest & { readonly accept?: string } = {}): Promise<Uint8Array> {
    const call = this.#begin(op, request, request.accept ?? "*/*");
    return (await this.#carry(call, (bound) => this.#whole(call, bound))).body as Uint8Array;
  }

  /** Call an operation and give its answer as it arrives. */
  async stream(op: Operation, request: CallRequest & { readonly accept: string }): Promise<Body> {
    const call = this.#begin(op, request, request.accept);
    return this.#opened(call);
  }

  /** Call an operation and give its server-sent events until the server ends the stream. */
  async *events<Data>(op: Operation, request: CallRequest = {}): AsyncGenerator<ServerEvent<Data>, void, undefined> {
    const call = this.#begin(op, request, "text/event-stream");
    const parser = new EventParser();
    const headers = new Headers({ "content-type": JSON_TYPE });
    for await (const chunk of await this.#opened(call)) {
      for (const { id, event, data } of parser.feed(chunk)) {
        const decoded = decode({ status: 200, headers, body: data }, call);
        yield { id, event, data: decoded as Data };
      }
    }
  }

  #begin(op: Operation, request: CallRequest, accept: string): Call {
    const options = request.options ? over(request.options, this.#options) : this.#options;
    if (request.options) checkOptions(options);
    return new Call({
      op,
      request: buildRequest(op, this.#parts.connection, request, options, accept),
      root: this.root,
      origin: this.#origin,
      further: this.#parts.further ?? [],
      maxRetries: checkedRetries(options.maxRetries ?? MAX_RETRIES),
      deadline: new Deadline(this.clock.now(), options.timeout ?? TIMEOUTS[op.timeout]),
      guards: this.guards,
      random: this.random,
      signal: options.signal,
    });
  }

  /** Make the attempts of a call, in its span where somebody traces. */
  #carry<Result extends { readonly status: number; readonly headers: Headers }>(
    call: Call,
    attempt: (bound: Bound) => Promise<Result>,
    keep = false,
  ): Promise<Result> {
    const api = (globalThis as { [OPEN_TELEMETRY]?: OpenTelemetry })[OPEN_TELEMETRY];
    const tried = () => this.#tried(call, attempt, keep);
    return api?.trace ? traced(api, call, tried) : tried();
  }

  /** Make attempts until one brings an answer or none may follow. */
  async #tried<Result extends { readonly status: number; readonly headers: Headers }>(
    call: Call,
    attempt: (bound: Bound) => Promise<Result>,
    keep: boolean,
  ): Promise<Result> {
    for (;;) {
      const error = call.begin(this.clock.now());
      const result = error ?? (await this.#attempt(call, attempt, keep));
      if (!(result instanceof Error)) return result;
      if (call.next.then === "retry") await this.#pause(call, call.next.wait);
      else if (!call.movesOn(result, this.clock.now())) throw result;
    }
  }

  async #attempt<Result extends { readonly status: number; readonly headers: Headers }>(
    call: Call,
    attempt: (bound: Bound) => Promise<Result>,
    keep: boolean,
  ): Promise<Result | APIError> {
    const bound = new Bound(this.clock, call.signal);
    let kept = false;
    try {
      bound.allow(call.deadline.remaining(this.clock.now()));
      const result = await (this.#slots ? this.#slots.within(bound.signal, () => attempt(bound)) : attempt(bound));
      call.succeeded(this.clock.now(), result.status, requestId(result.headers));
      kept = keep;
      return result;
    } catch (thrown) {
      if (thrown instanceof Passed) throw thrown.error;
      return call.failed(thrown, bound.ended, this.clock.now(), this.clock.time());
    } finally {
      call.release(this.clock.now());
      if (!kept) bound.close();
    }
  }

  async #pause(call: Call, wait: number): Promise<void> {
    try {
      await this.clock.sleep(wait, call.signal);
    } catch (thrown) {
      throw call.signal?.aborted ? call.abortError() : thrown;
    }
  }

  #whole(call: Call, { signal }: Bound, text = false): Promise<Answer> {
    const after = call.hedgeAfter;
    if (after === undefined) return this.#exchange(call, signal, text);
    return hedged((own) => this.#exchange(call, own, text), after, signal, this.clock);
  }

  async #exchange(call: Call, signal: AbortSignal, text: boolean): Promise<Answer> {
    const response = await this.#send(call, signal);
    const answer = await readWhole(response, text);
    if (!response.ok) throw new Refused(answer);
    return answer;
  }

  async #opened(call: Call): Promise<Body> {
    let last: Bound | undefined;
    const response = await this.#carry(
      call,
      async (bound) => {
        last = bound;
        const begun = await this.#send(call, bound.signal);
        if (!begun.ok) throw new Refused(await readWhole(begun));
        return begun;
      },
      true,
    );
    return new Body(response, call, last!, this.clock);
  }

  #send(call: Call, signal: AbortSignal): Promise<Response> {
    const { bearer } = this.#parts;
    return bearer ? this.#authorized(bearer, call, signal) : this.#sent(call, signal);
  }

  async #authorized(login: () => Promise<Bearer>, call: Call, signal: AbortSignal): Promise<Response> {
    const bearer = await login();
    const token = await authorized(bearer.token(), signal);
    const response = await this.#sent(call, signal, token);
    if (response.status !== 401 || !call.replayable) return response;
    // The session may have ended, or its keys been changed, before the token's time.
    await readWhole(response);
    return this.#sent(call, signal, await authorized(bearer.renewed(token), signal));
  }

  #sent(call: Call, signal: AbortSignal, token?: string): Promise<Response> {
    const { request, trace } = call;
    const headers = token === undefined ? request.headers : { authorization: `Bearer ${token}`, ...request.headers };
    const content = request.content && sendable(request.content);
    const init: RequestInit & { duplex?: "half" } = { method: request.method, headers, redirect: "manual", signal };
    if (content) init.body = content.body;
    if (content?.failure) init.duplex = "half";
    const address = call.root + request.target;
    const sent = trace
      ? trace.send(headers, (marked) => this.#fetch(address, { ...init, headers: marked }))
      : this.#fetch(address, init);
    if (!content?.failure) return sent;
    return sent.catch((thrown: unknown) => {
      const failure = content.failure?.();
      throw failure ? new Passed(failure.error) : thrown;
    });
  }
}

async function traced<Result>(api: OpenTelemetry, call: Call, tried: () => Promise<Result>): Promise<Result> {
  const { startTrace } = await import("./tracing.js");
  const trace = (call.trace = startTrace(api, call.op));
  return trace ? trace.around(tried) : tried();
}

/** Carries what the caller's own stream failed with through the attempt, unchanged. */
class Passed {
  constructor(readonly error: unknown) {}
}

/** A token, as long as the attempt that wants it may last; what it cannot be had for passes unchanged. */
function authorized(token: Promise<string>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    token
      .catch((error: unknown) => {
        throw new Passed(error); // eslint-disable-line @typescript-eslint/only-throw-error -- caught in `#attempt`
      })
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener("abort", stop);
      });
  });
}

async function readWhole(response: Response, text = false): Promise<Answer> {
  const limit = response.ok ? ANSWER_BYTES : REFUSAL_BYTES;
  const { status, headers } = response;
  if (!response.body) return { status, headers, body: new Uint8Array() };
  // A length that is known needs no counting; of a compressed body it is not that of what comes out.
  const length = headers.get("content-length");
  if (length !== null && !headers.has("content-encoding") && Number(length) <= limit) {
    return { status, headers, body: text ? await response.text() : new Uint8Array(await response.arrayBuffer()) };
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new TooLarge(limit);
    }
    parts.push(value);
  }
  return { status, headers, body: parts.length === 1 ? parts[0]! : joined(parts, size) };
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function checkOptions(options: CallOptions): void {
  if (options.timeout !== undefined) new Deadline(0, options.timeout);
  if (options.maxRetries !== undefined) checkedRetries(options.maxRetries);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new ConfigurationError("signal must be an AbortSignal; take it from an AbortController or AbortSignal.timeout().");
  }
}
