import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { operations } from "../src/generated/operations.js";
import * as pynomaly from "../src/index.js";
import { connectionRefused, problem, stalled, VirtualClock } from "../src/testing.js";
import { AMOUNTS, failure, rig } from "./rig.js";

test("a detection gives scores, predictions and the caller's rows", async () => {
  const { client, server } = rig();
  const result = await client.detectAnomalies(AMOUNTS, { contamination: 0.1, includeExplanations: true, timeout: 5000 });
  expect(result.predictions).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  expect(result.anomalies().map(({ row, values }) => [row, values])).toEqual([[9, { amount: 50 }]]);
  expect(JSON.parse(server.requests[0]!.body!)).toEqual({ data: AMOUNTS, contamination: 0.1, include_explanations: true });
  expect(server.requests[0]!.headers.get("authorization")).toBe("Bearer pyn_test_key");
});

test("one result per row has every row explained", async () => {
  const { client, server } = rig();
  const rows = await client.detectAnomaliesBatch(AMOUNTS);
  expect(rows).toHaveLength(10);
  expect(rows[9]).toMatchObject({ row: 9, prediction: 1 });
  expect(JSON.parse(server.requests[0]!.body!)).toMatchObject({ include_explanations: true, explain_rows: "all" });
});

test("defaults of the client hold for its own algorithm alone", async () => {
  const { client, server } = rig({ algorithm: "knn", contamination: 0.2, parameters: { k: 3 } });
  await client.detectAnomalies(AMOUNTS, { parameters: { metric: "l1" } });
  await client.detectAnomalies(AMOUNTS, { algorithm: "lof" });
  const [own, other] = server.requests.map(({ body }) => JSON.parse(body!));
  expect(own).toMatchObject({ algorithm: "knn", contamination: 0.2, parameters: { k: 3, metric: "l1" } });
  expect(other).toEqual({ data: AMOUNTS, algorithm: "lof", contamination: 0.2 });
});

test("a misspelt option is named with those that there are", async () => {
  const { client } = rig();
  const error = await failure(client.detectAnomalies(AMOUNTS, { contaminaton: 0.1 } as object));
  expect(error).toBeInstanceOf(pynomaly.ConfigurationError);
  expect(error.message).toMatch(/^There is no option 'contaminaton'; there are algorithm, columnTypes, contamination, /);
  expect(() => new pynomaly.PynomalyClient({ api_key: "x" } as object)).toThrow("A client has no option 'api_key'; it has algorithm,");
});

test.each([
  [{ timeout: 0 }, "timeout must be a positive number of milliseconds, not 0; use Infinity for no limit."],
  [{ maxRetries: -1 }, "maxRetries must be a whole number of 0 or more, not -1; 0 is for none."],
  [{ fallback: "locl" as "local" }, `fallback takes 'local', a function, or an array of them, not "locl".`],
  [{ oversize: "no" as "job" }, `oversize takes 'job' or 'error', not "no".`],
  [{ breaker: { probes: 0 } }, "breaker.probes must be a whole number from 1, not 0."],
  [{ budget: { ratio: 2 } }, "budget.ratio must be in [0, 1], not 2."],
  [{ maxConcurrent: 0 }, "maxConcurrent must be a whole number from 1, not 0."],
  [{ hedgeAfter: 0 }, "hedgeAfter must be a positive number of milliseconds, not 0."],
  [{ headers: { "x-bad": "a\nb" } }, "The header 'x-bad' holds characters that no header may; take them out."],
])("an unusable option %j names its remedy", async (options, message) => {
  const made = async () => rig(options).client.healthCheck();
  expect(await failure(made())).toMatchObject({ name: "ConfigurationError", message });
});

test("an error has the server's words, its request id and its attempts", async () => {
  const { client, server, clock } = rig();
  const busy = problem(503, "overloaded", { detail: "Too busy.", headers: { "retry-after": "2" } });
  server.answer("detectAnomalies", busy);
  const error = await failure(client.detectAnomalies(AMOUNTS, { maxRetries: 1 }));
  expect(error).toBeInstanceOf(pynomaly.ServiceUnavailableError);
  expect(error).toMatchObject({ status: 503, code: "overloaded", requestId: "req_test", retryAfter: 2000 });
  expect(error.message).toBe("Too busy. Try again later. (HTTP 503, overloaded, request req_test) [after 2 attempts]");
  expect(error.stack).toContain("[after 2 attempts]");
  expect((error as pynomaly.APIError).attempts).toMatchObject([
    { number: 1, outcome: "503 overloaded", status: 503, wait: 2000 },
    { number: 2, outcome: "503 overloaded", started: 2000 },
  ]);
  expect(clock.slept).toEqual([2000]);
});

test("every status of the contract has an error of its own", async () => {
  const wanted: [number, string][] = [
    [400, "BadRequestError"], [401, "AuthenticationError"], [403, "PermissionDeniedError"], [404, "NotFoundError"],
    [405, "MethodNotAllowedError"], [406, "NotAcceptableError"], [408, "RequestTimeoutError"], [409, "ConflictError"],
    [410, "GoneError"], [413, "PayloadTooLargeError"], [415, "UnsupportedMediaTypeError"], [422, "UnprocessableEntityError"],
    [425, "TooEarlyError"], [429, "RateLimitError"], [500, "InternalServerError"], [502, "BadGatewayError"],
    [503, "ServiceUnavailableError"], [504, "GatewayTimeoutError"], [507, "ServerError"], [418, "APIStatusError"],
  ]; // prettier-ignore
  for (const [status, name] of wanted) {
    const { client, server } = rig({ maxRetries: 0 });
    server.answer("healthCheck", problem(status, "some-code"));
    const error = await failure(client.healthCheck());
    expect(error).toBeInstanceOf(pynomaly[name as "APIStatusError"]);
    expect(error).toMatchObject({ name, status });
  }
});

test("an answer without a problem document is told as somebody else's", async () => {
  const { client, server } = rig({ maxRetries: 0 });
  server.answer("healthCheck", new Response("<h1>Bad\n gateway</h1>", { status: 502, headers: { "content-type": "text/html" } }));
  expect((await failure(client.healthCheck())).message).toMatch(/^HTTP 502 without a problem document: "<h1>Bad gateway<\/h1>"\. /);
  server.answer("healthCheck", new Response(null, { status: 302, headers: { location: "https://elsewhere.example/?secret=1" } }));
  const redirect = await failure(client.healthCheck());
  expect(redirect.message).toContain("a redirect (HTTP 302) to https://elsewhere.example. Redirects are not followed");
  expect(redirect.message).not.toContain("secret");
  server.answer("healthCheck", new Response("hello", { headers: { "content-type": "text/plain" } }));
  expect(await failure(client.healthCheck())).toMatchObject({ name: "APIResponseError", status: 200 });
});

test("no error shows the key", async () => {
  const { client, server } = rig({ maxRetries: 0 });
  server.answer("healthCheck", problem(401, "unauthenticated", { detail: "The key pyn_test_key is unknown (Bearer abc)." }));
  const error = await failure(client.healthCheck());
  expect(error.message).toContain("The key pyn_… is unknown (Bearer …");
  expect(JSON.stringify(client) + inspect(client, { depth: 20, showHidden: true })).not.toContain("pyn_test_key");
});

test("the local rules answer where no server does, and say so", async () => {
  const told: string[] = [];
  const { client, server } = rig({ fallback: "local", maxRetries: 0, onFallback: ({ to }) => told.push(to) });
  server.answer("detectAnomalies", connectionRefused());
  const result = await client.detectAnomalies(AMOUNTS, { includeExplanations: true });
  expect(result).toMatchObject({ source: "fallback", algorithm: "local_rules", n_anomalies: 1 });
  expect(result.warnings[0]!.detail).toMatch(/^No server answered, so robust rules on this machine answered .* APIConnectionError: Cannot connect/);
  expect(result.explain(9)[0]).toMatchObject({ feature: "amount", value: 50, expected: 10, contribution: 1 });
  expect(told).toEqual(["local"]);
});

test("a request that the server refuses is not answered by anything else", async () => {
  const { client, server } = rig({ fallback: "local" });
  server.answer("detectAnomalies", problem(422, "validation"));
  expect(await failure(client.detectAnomalies(AMOUNTS))).toBeInstanceOf(pynomaly.UnprocessableEntityError);
});

test("a function of the caller's answers, and the next step where it fails", async () => {
  const { client, server } = rig({ maxRetries: 0 });
  server.answer("detectAnomalies", connectionRefused());
  const scored = await client.withOptions({ fallback: () => AMOUNTS.map((_, row) => row / 10) }).detectAnomalies(AMOUNTS);
  expect(scored).toMatchObject({ source: "fallback", algorithm: "fallback_function", n_anomalies: 5 });
  const broken = () => {
    throw new Error("no idea");
  };
  expect((await client.withOptions({ fallback: [broken, "local"] }).detectAnomalies(AMOUNTS)).algorithm).toBe("local_rules");
  const error = await failure(client.withOptions({ fallback: [broken, () => [2]] }).detectAnomalies(AMOUNTS));
  expect(error).toBeInstanceOf(pynomaly.APIConnectionError);
  expect((error as pynomaly.APIError).notes).toEqual([
    "The fallback 'function' failed: Error: no idea",
    "The fallback 'function' failed: DataError: The function of fallback must return one score in [0, 1] for each of the 10 rows.",
  ]);
});

test("a breaker opens, is readable, and is closed by hand", async () => {
  const changes: string[] = [];
  const { client, server } = rig({ breaker: { consecutive: 2 }, maxRetries: 0, onBreaker: ({ after }) => changes.push(after) });
  server.answer("healthCheck", connectionRefused());
  await failure(client.healthCheck());
  await failure(client.healthCheck());
  expect(await failure(client.healthCheck())).toMatchObject({ name: "CircuitOpenError", retryAfter: 5000, group: "system" });
  expect(client.breakers).toEqual([{ origin: "http://pynomaly.localhost", group: "system", state: "open" }]);
  client.resetBreakers();
  expect(client.breakers[0]!.state).toBe("closed");
  expect(changes).toEqual(["open", "closed"]);
});

test("a signal ends a call, its waits and nothing else", async () => {
  const { client, server } = rig({ clock: undefined });
  server.answer("healthCheck", stalled);
  const controller = new AbortController();
  const call = failure(client.healthCheck({ signal: controller.signal }));
  setTimeout(() => {
    controller.abort(new Error("enough"));
  }, 5);
  const error = await call;
  expect(error).toMatchObject({ name: "APIAbortError", message: "healthCheck was aborted by its signal." });
  expect(error.cause).toMatchObject({ message: "enough" });
  expect(client.breakers[0]!.state).toBe("closed");
  server.answer("healthCheck", connectionRefused());
  const waiting = failure(client.healthCheck({ signal: AbortSignal.timeout(20), timeout: 60_000 }));
  expect((await waiting).name).toBe("APIAbortError");
});

test("the deadline bounds attempts and waits together", async () => {
  const { client, server, clock } = rig();
  server.answer("healthCheck", (request) => {
    clock.advance(4000);
    return stalled(request);
  });
  const error = await failure(client.healthCheck({ timeout: 3000 }));
  expect(error).toMatchObject({ name: "APITimeoutError" });
  expect((error as pynomaly.APIError).attempts).toHaveLength(1);
});

test("a hook that fails does the call no harm", async () => {
  const said: unknown[] = [];
  const original = console.error;
  console.error = (...words: unknown[]) => said.push(words[0]);
  try {
    const hook = () => {
      throw new Error("hook");
    };
    await rig({ onRequest: hook }).client.healthCheck();
  } finally {
    console.error = original;
  }
  expect(said).toEqual(["A hook of pynomaly-js failed:"]);
});

test("no more attempts than allowed are under way at once", async () => {
  let now = 0;
  let most = 0;
  const { client, server } = rig({ maxConcurrent: 2 });
  server.answer("healthCheck", async () => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return { status: "ok" };
  });
  await Promise.all(Array.from({ length: 7 }, () => client.healthCheck()));
  expect(most).toBe(2);
  expect(server.requests).toHaveLength(7);
});

test("a read that takes long is sent a second time, and the first answer counts", async () => {
  const { client, server, clock } = rig({ hedgeAfter: 50 });
  server.answer("healthCheck", stalled, { status: "second" });
  const call = client.healthCheck();
  await new Promise((resolve) => setTimeout(resolve, 1));
  clock.advance(50);
  expect(await call).toEqual({ status: "second" });
  expect(server.requests[0]!.signal!.aborted).toBe(true);
});

test("one idempotency key serves every attempt, and the caller's own is taken", async () => {
  const { client, server } = rig();
  server.answer("batchDetect", connectionRefused(), { job_id: "j" });
  await client.jobs.batchDetect({ data_sources: ["a"] });
  const [first, second] = server.requests.map(({ headers }) => headers.get("idempotency-key"));
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(second).toBe(first);
  await client.jobs.batchDetect({ data_sources: ["a"] }, {}, { idempotencyKey: "mine" });
  expect(server.requests[2]!.headers.get("idempotency-key")).toBe("mine");
});

test("lists are walked page by page, with the caller's filters", async () => {
  const { client, server } = rig();
  server.answer("listJobs", ({ url }) =>
    url.searchParams.has("cursor") ? { items: [{ job_id: "c" }], next_cursor: null } : { items: [{ job_id: "a" }, { job_id: "b" }], next_cursor: "next" },
  );
  const seen: string[] = [];
  for await (const job of client.jobs.listJobsIter({ state: "failed" })) seen.push(job.job_id);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(server.requests.map(({ url }) => url.search)).toEqual(["?state=failed", "?state=failed&cursor=next"]);
});

test.each(Object.values(operations))("$id is a method of $resource that sends what its line of the table says", async (op) => {
  const { client, server } = rig();
  server.answer(op.id, op.events ? new Response("") : {});
  const path = Array.from(op.path.matchAll(/\{(\w+)\}/g), ([, name], place) => [name!, `p${place}`] as const);
  const params = { idempotencyKey: "mine", lastEventId: "7", limit: 3 };
  const given = [...path.map(([, value]) => value), ...(op.body ? [{ a: 1 }] : []), ...(op.params ? [params] : [])];
  const resource = (client as unknown as Record<string, Record<string, (...given: unknown[]) => unknown>>)[op.resource]!;
  const called = resource[op.id]!(...given, { headers: { "x-own": "yes" } });
  if (op.events) await (called as AsyncGenerator).next();
  else await called;
  const { operationId, method, url, body, headers, path: values } = server.requests[0]!;
  expect({ operationId, method, values }).toEqual({ operationId: op.id, method: op.method, values: Object.fromEntries(path) });
  expect(body).toBe(op.body ? '{"a":1}' : undefined);
  expect(url.searchParams.get("limit")).toBe(op.params ? "3" : null);
  expect(headers.get("x-own")).toBe("yes");
  for (const [name, value] of [["Idempotency-Key", "mine"], ["Last-Event-ID", "7"]] as const) {
    if (op.header === name) expect(headers.get(name)).toBe(value);
  }
});

test("a path's parameter that would lead elsewhere is refused", async () => {
  const { client } = rig();
  for (const id of ["", ".", ".."]) {
    const call = async () => client.datasets.getDataset(id);
    expect(await failure(call())).toMatchObject({ name: "ConfigurationError", message: `'${id}' is no dataset_id; give the id that the server gave.` });
  }
});

test("whoever instruments the platform's fetch adds its headers to every attempt", async () => {
  const seen: (string | undefined)[] = [];
  const listening = createServer((request, response) => {
    seen.push(request.headers["traceparent"] as string | undefined);
    response.writeHead(seen.length === 1 ? 503 : 200, { "content-type": "application/json" }).end('{"status":"ok"}');
  }).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const trace = (message: unknown) => {
    (message as { request: { addHeader(name: string, value: string): void } }).request.addHeader("traceparent", `00-trace-${seen.length}-01`);
  };
  subscribe("undici:request:create", trace);
  try {
    const { port } = listening.address() as AddressInfo;
    const client = new pynomaly.PynomalyClient({ apiKey: "pyn_x", baseUrl: `http://127.0.0.1:${port}`, clock: new VirtualClock() });
    await client.healthCheck();
  } finally {
    unsubscribe("undici:request:create", trace);
    listening.closeAllConnections();
    listening.close();
  }
  expect(seen).toEqual(["00-trace-0-01", "00-trace-1-01"]);
});
