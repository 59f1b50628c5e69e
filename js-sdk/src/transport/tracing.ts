/**
 * Spans for OpenTelemetry: one for each call and one for each of its attempts, and `traceparent` for the server.
 *
 * Loaded at the first call of a program that traces. Nothing of OpenTelemetry is imported: its API keeps what a program has
 * registered in a place of its own, where every copy of the API looks for it (`globalUtils.ts` of `@opentelemetry/api` 1).
 * Spans carry what `ALLOWED` lists and nothing else; no header, no query, no value of a path, no body and no message, for
 * all of these may hold secrets or data.
 */
import { VERSION } from "../version.js";
import type { Operation } from "./operation.js";

/** As `@opentelemetry/api` has it. */
interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}
interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string };
}
type Attributes = Record<string, string | number>;
interface Span {
  spanContext(): SpanContext;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes: Attributes): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}
interface Tracer {
  startSpan(name: string, options: { readonly kind: number; readonly attributes: Attributes }, context?: Context): Span;
}
interface TracerProvider {
  getTracer(name: string, version: string): Tracer;
}
/** What a program has registered. */
export interface OpenTelemetry {
  readonly trace?: TracerProvider;
  readonly context?: { active(): Context; with<Result>(context: Context, work: () => Result): Result };
}

const INTERNAL = 0;
const CLIENT = 2;
const ERROR = 2;
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");
// Whoever instruments `fetch` would make a second span of the attempt, and send a second `traceparent`.
const SUPPRESSED = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
/** Attributes that a span may have; those without `pynomaly.` are of OpenTelemetry's conventions. */
const ALLOWED = new Set([
  "error.type",
  "http.request.method",
  "http.request.resend_count",
  "http.response.status_code",
  "pynomaly.attempts",
  "pynomaly.operation",
  "pynomaly.outcome",
  "pynomaly.request_id",
  "pynomaly.to",
  "pynomaly.wait",
  "server.address",
  "server.port",
  "url.scheme",
  "url.template",
]);

/** The span of one call and, while one is under way, that of its attempt. */
export class CallTrace {
  readonly #context: Context;
  readonly #span: Span;
  #attempts = 0;
  #attempt: Span | undefined;

  /** @internal */
  constructor(
    private readonly api: OpenTelemetry,
    private readonly tracer: Tracer,
    private readonly op: Operation,
  ) {
    const around = api.context?.active() ?? new Values();
    const attributes = kept({ "pynomaly.operation": op.id });
    this.#span = tracer.startSpan(`pynomaly ${op.id}`, { kind: INTERNAL, attributes }, around);
    this.#context = around.setValue(SPAN, this.#span);
  }

  /** Whether somebody takes spans, or wants the server to know the trace. */
  get isHeard(): boolean {
    const { traceId, spanId } = this.#span.spanContext();
    return /[^0]/.test(traceId) && /[^0]/.test(spanId);
  }

  /** Make the call within its span. */
  async around<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#within(this.#context, work);
    } catch (error) {
      this.#fail(this.#span, error instanceof Error ? error.name : typeof error);
      throw error;
    } finally {
      this.#finish("abandoned");
      this.#span.setAttributes(kept({ "pynomaly.attempts": this.#attempts }));
      this.#span.end();
    }
  }

  /** An attempt begins. */
  attempt(origin: string): void {
    this.#finish("abandoned");
    const { protocol, hostname, port } = new URL(origin);
    const { method, path, id } = this.op;
    const attributes = kept({
      "http.request.method": method,
      "http.request.resend_count": this.#attempts || undefined,
      "pynomaly.operation": id,
      "server.address": hostname,
      "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
      "url.scheme": protocol.slice(0, -1),
      "url.template": `/api/v1${path}`,
    });
    this.#attempts += 1;
    this.#attempt = this.tracer.startSpan(`${method} ${path}`, { kind: CLIENT, attributes }, this.#context);
  }

  /** Send the request of the attempt, with its trace; what the caller set in the headers stays as it is. */
  send<Result>(headers: Readonly<Record<string, string>>, work: (headers: Readonly<Record<string, string>>) => Result): Result {
    const span = this.#attempt ?? this.#span;
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const state = traceState?.serialize();
    const flags = traceFlags.toString(16).padStart(2, "0");
    const carried = { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(state && { tracestate: state }), ...headers };
    return this.#within(this.#context.setValue(SPAN, span).setValue(SUPPRESSED, true), () => work(carried));
  }

  /** The attempt is over. */
  ended(outcome: string, status: number | undefined, requestId: string | undefined, failed: boolean): void {
    this.#attempt?.setAttributes(kept({ "http.response.status_code": status, "pynomaly.request_id": requestId }));
    if (failed && this.#attempt) this.#fail(this.#attempt, String(status ?? outcome));
    this.#finish(outcome);
  }

  /** Another attempt follows after some milliseconds. */
  waits(wait: number): void {
    this.#span.addEvent("retry", kept({ "pynomaly.wait": wait / 1000 }));
  }

  /** The next address is asked. */
  movesOn(origin: string): void {
    this.#span.addEvent("fallback", kept({ "pynomaly.to": origin }));
  }

  #within<Result>(context: Context, work: () => Result): Result {
    return this.api.context ? this.api.context.with(context, work) : work();
  }

  #finish(outcome: string): void {
    this.#attempt?.setAttributes(kept({ "pynomaly.outcome": outcome }));
    this.#attempt?.end();
    this.#attempt = undefined;
  }

  #fail(span: Span, kind: string): void {
    span.setAttributes(kept({ "error.type": kind }));
    span.setStatus({ code: ERROR });
  }
}

/** The trace of a call; undefined where nobody takes spans. */
export function startTrace(api: OpenTelemetry, op: Operation): CallTrace | undefined {
  const tracer = api.trace?.getTracer("pynomaly-js", VERSION);
  const trace = tracer && new CallTrace(api, tracer, op);
  return trace?.isHeard ? trace : undefined;
}

function kept(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name, value]) => ALLOWED.has(name) && value !== undefined)) as Attributes;
}

/** A context for programs that register a tracer and no manager of contexts. */
class Values implements Context {
  constructor(private readonly values: ReadonlyMap<symbol, unknown> = new Map()) {}

  getValue(key: symbol): unknown {
    return this.values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Values(new Map([...this.values, [key, value]]));
  }

  deleteValue(key: symbol): Context {
    return new Values(new Map([...this.values].filter(([each]) => each !== key)));
  }
}
