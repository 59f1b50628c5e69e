import { readFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { APIConnectionError, type JobHandle, type PynomalyClient } from "../src/index.js";
import { connectionRefused, problem } from "../src/testing.js";
import { AMOUNTS, failure, rig } from "./rig.js";

const ID = "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f";
const DATASET = "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f";

function job(state: string, more: object = {}): Record<string, unknown> {
  return { job_id: ID, kind: "detection", state, progress: { done: 3, total: 10, stage: "scoring" }, attempt: 1, error: null, ...more };
}

const SUMMARY = { algorithm: "a", threshold: 1, contamination: 0.1, n_rows: 3, n_anomalies: 1, feature_names: ["x"], columns: [], warnings: [], elapsed_ms: 1 };
const ROWS = [
  { row: 0, score: 0.1, prediction: 0, identifiers: { id: "a" } },
  { row: 1, score: 0.9, prediction: 1, identifiers: { id: "b" }, explanation: [{ feature: "x", value: 9, expected: 1, contribution: 1 }] },
  { row: 2, score: 0.2, prediction: 0, identifiers: { id: "c" } },
];

function handle(client: PynomalyClient): JobHandle {
  return client.jobs.resume(ID);
}

test("files and tables are uploaded first, each once, under keys of the submission's own", async () => {
  const { client, server } = rig();
  server.answer("uploadDataset", { dataset_id: DATASET });
  server.answer("batchDetect", job("queued"));
  const found = await client.batchDetect({
    dataSources: ["https://example.com/a.csv", AMOUNTS, AMOUNTS, DATASET, { url: "s3://b/k", credential_id: "crd_1" }],
    algorithm: "knn",
    outputFormat: "csv",
    idempotencyKey: "mine",
  });
  expect([found.jobId, found.state, found.progress?.done]).toEqual([ID, "queued", 3]);
  const [upload, submission] = server.requests;
  expect(server.requests).toHaveLength(2);
  expect(upload!.headers.get("idempotency-key")).toMatch(/^[0-9a-f]{64}$/);
  expect(submission!.headers.get("idempotency-key")).toBe("mine");
  expect(JSON.parse(submission!.body!)).toEqual({
    algorithm: "knn",
    output_format: "csv",
    data_sources: ["https://example.com/a.csv", DATASET, DATASET, DATASET, { url: "s3://b/k", credential_id: "crd_1" }],
  });
});

test("a job that names a model says nothing of a fit, whatever the client fits by", async () => {
  const { client, server } = rig({ algorithm: "knn", parameters: { n_neighbors: 3 }, contamination: 0.2 });
  server.answer("batchDetect", job("queued"));
  await client.batchDetect({ dataSources: [DATASET], modelId: "fraud@production" });
  await client.detectAnomalies([[1], [2]], { modelId: "fraud" });
  expect(server.requests.map(({ body }) => JSON.parse(body!) as unknown)).toEqual([
    { data_sources: [DATASET], model_id: "fraud@production" },
    { data: [[1], [2]], model_id: "fraud" },
  ]);
});

test("a submission without a source is refused here", async () => {
  const { client } = rig();
  expect((await failure(client.batchDetect({ dataSources: [] }))).message).toMatch(/^There is no data source; give dataSources: /);
});

test("a wait polls until the job has succeeded, through a server that is away", async () => {
  const { client, server, clock } = rig();
  server.answer("getJobStatus", job("queued"), connectionRefused(), problem(503, "overloaded"), job("running"), job("succeeded"));
  expect((await handle(client).wait()).state).toBe("succeeded");
  expect(server.requests.map(({ url }) => url.searchParams.get("wait"))).toEqual(["30", "30", "30", "30", "30"]);
  expect(clock.slept).toHaveLength(4);
});

test("whoever watches is told at each look", async () => {
  const { client, server } = rig();
  server.answer("getJobStatus", job("running"), job("succeeded"));
  const seen: string[] = [];
  await handle(client).wait({ onProgress: ({ state }) => seen.push(state) });
  expect(seen).toEqual(["running", "succeeded"]);
});

test.each([
  [job("failed", { error: { code: "bad-dataset", title: "t", detail: "Row 3 is odd." } }), "JobFailedError", `Job ${ID} failed (bad-dataset): Row 3 is odd.`],
  [job("cancelled"), "JobCancelledError", `Job ${ID} was cancelled, so it has no result; submit it again.`],
  [job("paused"), "UnknownJobStateError", `Job ${ID} is in state 'paused', which this version of pynomaly-js does not know; update it with: npm install pynomaly-js@latest`],
])("a job that brings no result is a typed error: %#", async (answer, name, message) => {
  const { client, server } = rig();
  server.answer("getJobStatus", answer);
  expect(await failure(handle(client).wait())).toMatchObject({ name, message, jobId: ID });
});

test("a wait ends with its time, and the job goes on", async () => {
  const { client, server } = rig();
  server.answer("getJobStatus", job("running"));
  const error = await failure(handle(client).wait({ timeout: 5000 }));
  expect(error.name).toBe("APITimeoutError");
  expect(error.message).toMatch(/^Job \S+ has not ended within 5000 ms \(state: running, 3 of 10 rows done\)\. It goes on at the server/);
});

test("a server that stays away for two minutes ends a wait without a limit", async () => {
  const { client, server, clock } = rig();
  server.answer("getJobStatus", connectionRefused());
  expect((await failure(handle(client).wait())).name).toMatch(/APIConnectionError|CircuitOpenError/);
  expect(clock.now()).toBeGreaterThan(120_000);
  expect(clock.now()).toBeLessThan(140_000);
});

test("a refusal ends a wait at once", async () => {
  const { client, server } = rig();
  server.answer("getJobStatus", problem(404, "not-found"));
  expect((await failure(handle(client).wait())).name).toBe("NotFoundError");
});

test("the pages of a result become one", async () => {
  const { client, server } = rig();
  server.answer("getJobStatus", job("succeeded"));
  server.answer("getJobResult", ({ url }) =>
    url.searchParams.get("cursor") === "next"
      ? { items: ROWS.slice(2), next_cursor: null, summary: SUMMARY }
      : { items: ROWS.slice(0, 2), next_cursor: "next", summary: SUMMARY },
  );
  const result = await handle(client).result();
  expect(result).toMatchObject({ scores: [0.1, 0.9, 0.2], predictions: [0, 1, 0], confidence: null, source: "server" });
  expect(result.identifiers).toEqual({ id: ["a", "b", "c"] });
  expect(result.explain(1)).toEqual(ROWS[1]!.explanation);
  expect((await failure(Promise.resolve().then(() => result.explain(0)))).message).toMatch(/^Row 0 was not explained; ask with includeExplanations/);
  const rows = [];
  for await (const row of handle(client).rows({ only: "anomalies" })) rows.push(row.row);
  expect(rows).toEqual([0, 1, 2]);
  expect(server.requests.at(-1)!.url.searchParams.get("only")).toBe("anomalies");
});

test("a whole result is written to a file in the format of its suffix", async () => {
  const { client, server } = rig();
  server.answer("getJobResult", ({ headers }) => new Response(headers.get("accept"), { headers: { "content-type": "text/csv" } }));
  const target = join(mkdtempSync(join(tmpdir(), "pynomaly-")), "out.csv");
  expect(await handle(client).download(target)).toBe(target);
  expect(readFileSync(target, "utf8")).toBe("text/csv");
  expect((await failure(handle(client).download("out.txt"))).message).toMatch(/^The suffix of 'out\.txt' names no format of results; say format, or end in /);
});

test("events of a job come as they happen", async () => {
  const { client, server } = rig();
  const text = `id: 1\nevent: progress\ndata: ${JSON.stringify(job("running"))}\n\nid: 2\r\ndata: {"job_id":\r\ndata: "x"}\r\n\r\n: comment\n\n`;
  server.answer("streamJobEvents", new Response(text, { headers: { "content-type": "text/event-stream" } }));
  const seen = [];
  for await (const { id, event, data } of handle(client).events({ lastEventId: "0" })) seen.push([id, event, data.job_id]);
  expect(seen).toEqual([["1", "progress", ID], ["2", "message", "x"]]);
  expect(server.requests[0]!.headers.get("last-event-id")).toBe("0");
});

test("a stream of events that ends before its job says so", async () => {
  const { client, server } = rig();
  const text = `id: 1\nevent: job\ndata: ${JSON.stringify(job("running"))}\n\n`;
  server.answer("streamJobEvents", new Response(text, { headers: { "content-type": "text/event-stream" } }));
  const seen: (string | undefined)[] = [];
  const error = await failure(
    (async () => {
      for await (const { id } of handle(client).events()) seen.push(id);
    })(),
  );
  expect(seen).toEqual(["1"]);
  expect(error).toBeInstanceOf(APIConnectionError);
});

test("a token takes a job up at its own server alone, and both clients read each other's", async () => {
  const { client } = rig({ baseUrl: "http://127.0.0.1:8000" });
  const token = handle(client).toToken();
  // What the Python client writes for this job and server.
  expect(token).toBe(
    "pynjob1.eyJqb2JfaWQiOiJqb2JfMDE5MGM4ZjJhNGI4N2MzZTlkMWY2YTViNGMzZDJlMWYiLCJzZXJ2ZXIiOiJodHRwOi8vMTI3LjAuMC4xOjgwMDAvYXBpL3YxIn0",
  );
  expect(rig({ baseUrl: "http://localhost:8000" }).client.jobs.resume(token).jobId).toBe(ID);
  expect(() => rig({ baseUrl: "https://other.example" }).client.jobs.resume(token)).toThrow("is at http://127.0.0.1:8000/api/v1, but this client");
  expect(() => client.jobs.resume("pynjob1.xx")).toThrow("This is no job token");
});

test("jobs are given as they end, whichever way", async () => {
  const { client, server } = rig();
  const looks = new Map<string, number>();
  server.answer("getJobStatus", ({ path }) => {
    const id = path["job_id"]!;
    looks.set(id, (looks.get(id) ?? 0) + 1);
    const ended = id === "job_b" || looks.get(id)! > 2;
    return { ...job(ended ? (id === "job_b" ? "failed" : "succeeded") : "running"), job_id: id };
  });
  const seen = [];
  for await (const each of client.jobs.asCompleted(["job_a", "job_b"].map((id) => client.jobs.resume(id)))) seen.push([each.jobId, each.state]);
  expect(seen).toEqual([["job_b", "failed"], ["job_a", "succeeded"]]);
});

test("data over the limit of one request become a job by themselves", async () => {
  const { client, server } = rig();
  server.answer("detectAnomalies", problem(413, "payload-too-large"));
  server.answer("uploadDataset", { dataset_id: DATASET });
  server.answer("batchDetect", job("queued"));
  server.answer("getJobStatus", job("succeeded"));
  server.answer("getJobResult", { items: ROWS, next_cursor: null, summary: SUMMARY });
  const result = await client.detectAnomalies([{ id: "a" }, { id: "b" }, { id: "c" }], { explainRows: "all", algorithm: "knn" });
  expect(result.warnings[0]).toMatchObject({ code: "ran-as-job" });
  expect(result.warnings[0]!.detail).toContain("A job explains the anomalous rows alone.");
  expect(result.anomalies()[0]).toMatchObject({ row: 1, values: { id: "b" } });
  const submitted = server.requests.find(({ operationId }) => operationId === "batchDetect");
  expect(JSON.parse(submitted!.body!)).toEqual({ algorithm: "knn", data_sources: [DATASET] });
  expect((await failure(client.withOptions({ oversize: "error" }).detectAnomalies([[1]]))).name).toBe("PayloadTooLargeError");
});
