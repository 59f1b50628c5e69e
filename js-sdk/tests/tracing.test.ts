/** Spans, as a program that has registered OpenTelemetry gets them: a provider and contexts where its API keeps them. */
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectionReset, problem } from "../src/testing.js";
import { AMOUNTS, failure, rig } from "./rig.js";

const API = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");
const SUPPRESSED = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
const place = globalThis as { [API]?: object };

class Context {
  constructor(private readonly values: ReadonlyMap<symbol, unknown> = new Map()) {}
  getValue(key: symbol): unknown {
    return this.values.get(key);
  }
  setValue(key: symbol, value: unknown): Context {
    return new Context(new Map([...this.values, [key, value]]));
  }
}

/** A span that remembers what it was told. */
class Span {
  readonly attributes: Record<string, unknown>;
  readonly events: [string, object][] = [];
  status = 0;
  ended = false;
  constructor(
    readonly name: string,
    readonly kind: number,
    attributes: object,
    readonly parent: Span | undefined,
    readonly id: number,
  ) {
    this.attributes = { ...attributes };
  }
  spanContext() {
    const hex = (length: number) => this.id.toString(16).padStart(length, "0");
    return { traceId: hex(32), spanId: hex(16), traceFlags: 1, traceState: { serialize: () => (this.id > 0 ? "own=1" : "") } };
  }
  setAttributes(attributes: object) {
    Object.assign(this.attributes, attributes);
  }
  addEvent(name: string, attributes: object) {
    this.events.push([name, attributes]);
  }
  setStatus({ code }: { code: number }) {
    this.status = code;
  }
  end() {
    expect(this.ended).toBe(false);
    this.ended = true;
  }
}

let spans: Span[];
let storage: AsyncLocalStorage<Context>;
let first: number;
let active: () => Context;

beforeEach(() => {
  spans = [];
  first = 1;
  storage = new AsyncLocalStorage();
  active = () => storage.getStore() ?? new Context();
  const tracer = {
    startSpan(name: string, { kind, attributes }: { kind: number; attributes: object }, context = active()) {
      const span = new Span(name, kind, attributes, context.getValue(SPAN) as Span | undefined, first && first + spans.length);
      spans.push(span);
      return span;
    },
  };
  place[API] = {
    trace: { getTracer: () => tracer },
    context: { active, with: <Result>(context: Context, work: () => Result) => storage.run(context, work) },
  };
});
afterEach(() => {
  Reflect.deleteProperty(place, API);
});

test("a call is a span with a span for its attempt, and the server gets its name", async () => {
  const { client, server } = rig();
  server.answer("getAlgorithm", new Response("{}", { headers: { "content-type": "application/json", "x-request-id": "req_1" } }));
  await client.algorithms.getAlgorithm("ecod");
  const [call, attempt] = spans as [Span, Span];
  expect([call.name, call.kind, attempt.name, attempt.kind]).toEqual(["pynomaly getAlgorithm", 0, "GET /algorithms/{name}", 2]);
  expect(attempt.parent).toBe(call);
  expect(attempt.attributes).toEqual({
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "pynomaly.operation": "getAlgorithm",
    "pynomaly.outcome": "200",
    "pynomaly.request_id": "req_1",
    "server.address": "pynomaly.localhost",
    "server.port": 80,
    "url.scheme": "http",
    "url.template": "/api/v1/algorithms/{name}",
  });
  expect(call.attributes).toEqual({ "pynomaly.operation": "getAlgorithm", "pynomaly.attempts": 1 });
  const { headers } = server.requests[0]!;
  expect(headers.get("traceparent")).toBe(`00-${"2".padStart(32, "0")}-${"2".padStart(16, "0")}-01`);
  expect(headers.get("tracestate")).toBe("own=1");
  expect(spans.every(({ ended, status }) => ended && status === 0)).toBe(true);
});

test("each attempt of a retried call is a span of its own, and the call tells of the waits", async () => {
  const { client, server } = rig();
  server.answer("listAlgorithms", problem(503, "overloaded", { headers: { "retry-after": "2" } }), connectionReset(), { items: [] });
  await client.algorithms.listAlgorithms();
  const [call, ...attempts] = spans;
  expect(attempts.map(({ attributes }) => [attributes["pynomaly.outcome"], attributes["http.request.resend_count"], attributes["error.type"]])).toEqual([
    ["503 overloaded", undefined, "503"],
    ["ECONNRESET", 1, "ECONNRESET"],
    ["200", 2, undefined],
  ]);
  expect(attempts.map(({ status }) => status)).toEqual([2, 2, 0]);
  expect(call!.events[0]).toEqual(["retry", { "pynomaly.wait": 2 }]);
  expect(call!.attributes["pynomaly.attempts"]).toBe(3);
  expect(new Set(server.requests.map(({ headers }) => headers.get("traceparent"))).size).toBe(3);
});

test("a call that fails says of what kind, and nothing that may quote data", async () => {
  const { client, server } = rig({ maxRetries: 0 });
  server.answer("getAlgorithm", problem(404, "not-found", { detail: "There is no 'secret thing'." }));
  await failure(client.algorithms.getAlgorithm("secret thing"));
  expect(spans.map(({ status, attributes }) => [status, attributes["error.type"]])).toEqual([[2, "NotFoundError"], [2, "404"]]);
  expect(JSON.stringify(spans)).not.toMatch(/secret|pyn_test/);
});

test("the next address is an event, and the span of a call is current for whoever is told", async () => {
  const seen: unknown[] = [];
  const onRequest = () => seen.push(active().getValue(SPAN));
  const { client, server } = rig({ maxRetries: 0, baseUrls: ["http://second.localhost"], onRequest });
  server.answer("healthCheck", connectionReset(), { status: "ok" });
  await client.healthCheck();
  expect(spans[0]!.events).toEqual([["fallback", { "pynomaly.to": "http://second.localhost" }]]);
  expect(spans[2]!.attributes["server.address"]).toBe("second.localhost");
  expect(seen).toEqual([spans[0], spans[0]]);
});

test("whoever instruments fetch makes no second span, and a trace of the caller's own stays", async () => {
  const { client, server } = rig();
  const seen: unknown[] = [];
  server.answer("healthCheck", () => {
    seen.push([active().getValue(SUPPRESSED), active().getValue(SPAN)]);
    return { status: "ok" };
  });
  await client.healthCheck({ headers: { traceparent: "mine" } });
  expect(seen).toEqual([[true, spans[1]]]);
  expect(server.requests[0]!.headers.get("traceparent")).toBe("mine");
});

test("a program that has a tracer and no contexts is traced too", async () => {
  delete (place[API] as { context?: object }).context;
  const { client } = rig();
  await client.detectAnomalies(AMOUNTS);
  expect(spans.map(({ name, parent }) => [name, parent?.name])).toEqual([["pynomaly detectAnomalies", undefined], ["POST /detect", "pynomaly detectAnomalies"]]);
});

test("where nobody takes spans, none is told and no header is sent", async () => {
  const { client, server } = rig();
  first = 0;
  await client.healthCheck();
  Reflect.deleteProperty(place, API);
  await client.healthCheck();
  expect(spans).toHaveLength(1);
  expect(server.requests.map(({ headers }) => headers.get("traceparent"))).toEqual([null, null]);
});
