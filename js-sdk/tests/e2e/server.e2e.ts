/** The client, and the examples, against a whole server; the last tests stop it. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { CircuitOpenError, Content, Matrix, PynomalyClient, type DetectionData } from "../../src/index.js";
import { failure } from "../rig.js";

const CSV = new URL("../../../examples/transactions.csv", import.meta.url);
const FOLDER = mkdtempSync(join(tmpdir(), "pynomaly-"));
// Server and key come from the profile that the server wrote, as for anybody on this machine.
const client = new PynomalyClient();
const rows = Array.from({ length: 60 }, (_, row) => ({ amount: row === 41 ? 900 : 10 + (row % 7), city: ["Ulm", "Bonn"][row % 2] }));
const children: ChildProcessWithoutNullStreams[] = [];

afterAll(() => {
  for (const child of children) child.kill();
});

/** Starts an example; `line` gives what it prints, line by line. */
function example(name: string, env: Record<string, string> = {}) {
  const path = new URL(`../../examples/${name}`, import.meta.url).pathname;
  const child = spawn(process.execPath, [path], { env: { ...process.env, PORT: "0", ...env } });
  children.push(child);
  child.stderr.resume();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => ((await lines.next()) as { value?: string }).value ?? "";
  return { child, line };
}

async function listening(line: () => Promise<string>): Promise<string> {
  const port = /^listening on (\d+)$/.exec(await line())?.[1];
  expect(port).toBeDefined();
  return `http://127.0.0.1:${port}`;
}

async function* stream() {
  yield* rows;
}

test.each<[string, () => DetectionData]>([
  ["objects", () => rows],
  ["arrays", () => rows.map(({ amount, city }) => [amount, city])],
  ["columns", () => ({ amount: rows.map(({ amount }) => amount) })],
  ["a typed array", () => new Float32Array(rows.map(({ amount }) => amount))],
  ["a matrix", () => new Matrix(new Float64Array(rows.flatMap(({ amount }) => [amount, 1])), 2)],
  ["a stream of rows", stream],
  ["CSV text", () => `amount,city\n${rows.map(({ amount, city }) => `${amount},${city}`).join("\n")}\n`],
  ["a Blob", () => new Blob([rows.map((row) => `${JSON.stringify(row)}\n`).join("")], { type: "application/x-ndjson" })],
  ["a Content", () => new Content("text/csv", `amount\n${rows.map(({ amount }) => amount).join("\n")}\n`)],
])("the server finds the odd row in %s", async (_, data) => {
  const result = await client.detectAnomalies(data(), { contamination: 0.02, returnConfidence: true, includeExplanations: true });
  expect(result).toMatchObject({ source: "server", n_rows: 60, n_anomalies: 1 });
  const [found] = result.anomalies();
  expect(found!.row).toBe(41);
  expect(found!.score).toBeGreaterThanOrEqual(0.5);
  expect(found!.confidence).toBeGreaterThan(0);
  expect(result.explain(41).reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(1, 6);
});

test("a file is streamed, and the same rows score the same as the text of it", async () => {
  const options = { algorithm: "isolation_forest", randomState: 7 };
  const fromFile = await client.detectAnomalies(CSV, options);
  const fromText = await client.detectAnomalies(readFileSync(CSV, "utf8"), options);
  expect(fromFile.scores).toEqual(fromText.scores);
  expect(fromFile.length).toBeGreaterThan(100);
});

test("a refusal has the server's words, code and request id", async () => {
  const error = await failure(client.detectAnomalies(rows, { algorithm: "no_such_algorithm" }));
  expect(error).toMatchObject({ name: "UnprocessableEntityError", status: 422 });
  expect(error.message).toContain("no_such_algorithm");
  expect((error as { requestId?: string }).requestId).toMatch(/\S/);
  const root = client.root;
  const stranger = new PynomalyClient({ apiKey: "pyn_nobody", baseUrl: root });
  expect(await failure(stranger.detectAnomalies(rows))).toMatchObject({ name: "AuthenticationError", code: "unauthenticated" });
  expect(await failure(client.getJobStatus(`job_${"0".repeat(32)}`))).toMatchObject({ name: "NotFoundError", code: "not-found" });
});

test("a job over uploaded data is waited for, watched, paged and downloaded", async () => {
  const seen: string[] = [];
  const job = await client.batchDetect({ dataSources: [CSV, CSV], algorithm: "mad", idempotencyKey: "e2e-node" });
  await job.wait({ timeout: 90_000, onProgress: ({ state }) => seen.push(state) });
  expect(seen.at(-1)).toBe("succeeded");
  const again = await client.batchDetect({ dataSources: [CSV, CSV], algorithm: "mad", idempotencyKey: "e2e-node" });
  expect(again.jobId).toBe(job.jobId);
  const result = await client.jobs.resume(job.toToken()).result();
  const streamed: number[] = [];
  for await (const row of job.rows({ only: "anomalies" })) streamed.push(row.row);
  expect(streamed).toEqual(result.rows().filter(({ prediction }) => prediction === 1).map(({ row }) => row));
  expect(result.length).toBeGreaterThan(1000);
  const path = await job.download(join(FOLDER, "out.csv"));
  expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(result.length + 1);
  const states = [];
  for await (const { data } of job.events()) states.push(data.state);
  expect(states.at(-1)).toBe("succeeded");
  for await (const each of client.jobs.asCompleted([job, again])) expect(each.state).toBe("succeeded");
  expect(await failure(job.cancel())).toMatchObject({ name: "ConflictError" });
});

test("a user logs in, trains a model, and scores with it by its name and by its alias", async () => {
  const password = "correct horse battery staple";
  const user = await client.users.createUser({ username: "noether", password, role: "analyst" });
  const analyst = new PynomalyClient({ username: "noether", password, baseUrl: client.root });
  expect((await analyst.auth.whoAmI()).subject).toBe(user.user_id);
  const seen: string[] = [];
  const model = await analyst.trainModel(rows, {
    algorithm: "isolation_forest", modelName: "e2e-js", contamination: 0.02, timeout: 90_000, onProgress: ({ state }) => seen.push(state),
  }); // prettier-ignore
  expect([String(model), seen.at(-1)]).toEqual(["e2e-js@1", "succeeded"]);
  await model.setAlias("production");
  const [whole, one] = [await model.predict(rows), await analyst.predictWithModel("e2e-js@production", rows.slice(41, 42))];
  expect(whole.anomalies().map(({ row }) => row)).toEqual([41]);
  expect(one.scores[0]).toBe(whole.scores[41]);
  await analyst.logOut();
});

test("datasets are uploaded, listed over pages and deleted", async () => {
  const dataset = await client.uploadDataset(rows, { name: "from node" });
  expect(dataset.n_rows).toBe(60);
  const names: (string | null | undefined)[] = [];
  for await (const each of client.datasets.listDatasetsIter({ limit: 1 })) names.push(each.name);
  expect(names).toContain("from node");
  await client.datasets.deleteDataset(dataset.dataset_id);
  expect(await failure(client.datasets.getDataset(dataset.dataset_id))).toMatchObject({ name: "NotFoundError" });
});

test("the Fastify example receives what the server tells, and refuses what is not signed", async () => {
  const port = process.env["WEBHOOK_PORT"]!;
  const url = `http://127.0.0.1:${port}/hooks/pynomaly`;
  const made = await client.webhooks.createWebhookEndpoint({ url, event_types: ["job.succeeded"] });
  const { line } = example("fastify-webhooks.mjs", { PORT: port, PYNOMALY_WEBHOOK_SECRET: made.secret });
  expect(await listening(line)).toBe(`http://127.0.0.1:${port}`);
  const job = await client.batchDetect({ dataSources: [rows], algorithm: "mad" });
  await job.wait({ timeout: 90_000 });
  expect(await line()).toBe(`job.succeeded ${job.jobId}`);
  const forged = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  expect([forged.status, await forged.json()]).toEqual([400, { error: "The header webhook-id is missing, so this is no signed message." }]);
  await client.webhooks.deleteWebhookEndpoint(made.endpoint.endpoint_id);
});

test("the stream example writes the rows that stand out", async () => {
  const { child, line } = example("stream-scorer.mjs");
  child.stdin.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  expect(JSON.parse(await line())).toMatchObject({ row: 41, amount: 900, source: "server" });
});

// From here on the server is stopped.
test("when the server stops, the breaker opens, the local rules answer, and the Express example degrades", async () => {
  const { line } = example("express-scorer.mjs");
  const service = await listening(line);
  const score = async (body: unknown) => {
    const answer = await fetch(`${service}/score`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    return [answer.status, (await answer.json()) as unknown] as const;
  };
  const odd = [expect.objectContaining({ row: 41, values: rows[41] })];
  const six = rows.slice(0, 60);
  expect((await score({ rows: six }))[1]).toMatchObject({ degraded: false, anomalies: expect.arrayContaining(odd) });
  expect((await score({ rows: [{ amount: { nested: 1 } }] }))[0]).toBe(422);

  writeFileSync(process.env["STOP_FILE"]!, "stop");
  const cautious = new PynomalyClient({ maxRetries: 0, breaker: { consecutive: 2 } });
  let error: Error | undefined;
  const deadline = Date.now() + 60_000;
  while (!(error instanceof CircuitOpenError) && Date.now() < deadline) {
    error = await cautious.healthCheck({ timeout: 5000 }).then(
      () => undefined,
      (caught: unknown) => caught as Error,
    );
  }
  expect(error).toBeInstanceOf(CircuitOpenError);
  expect(cautious.breakers[0]!.state).toBe("open");
  const degraded = await new PynomalyClient({ fallback: "local", timeout: 5000 }).detectAnomalies(rows, { contamination: 0.02 });
  expect(degraded).toMatchObject({ source: "fallback", algorithm: "local_rules" });
  expect(degraded.anomalies()[0]!.row).toBe(41);
  expect((await score({ rows: six }))[1]).toMatchObject({ degraded: true, anomalies: expect.arrayContaining(odd) });
});
