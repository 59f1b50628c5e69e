import { expect, test } from "vitest";
import { DataError, TrainedModel } from "../src/index.js";
import { problem } from "../src/testing.js";
import { AMOUNTS, failure, rig } from "./rig.js";

const ID = "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f";
const DATASET = "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f";
const RESULT = { scores: [0.9], predictions: [1], columns: [], identifiers: {}, warnings: [], n_rows: 1, n_anomalies: 1, source: "server" };

function job(state: string, model: object | null = null): Record<string, unknown> {
  return { job_id: ID, kind: "training", state, progress: { done: 3, total: 10, stage: "fitting" }, error: null, model };
}

function training() {
  const found = rig({ algorithm: "knn", contamination: 0.2, parameters: { k: 3 } });
  found.server.answer("uploadDataset", { dataset_id: DATASET });
  found.server.answer("trainModel", job("queued"));
  found.server.answer("getJobStatus", job("running"), job("succeeded", { name: "fraud", version: 4 }));
  found.server.answer("predictWithModel", RESULT);
  return found;
}

test("a training uploads the rows, is waited for, and gives the version it made", async () => {
  const { client, server } = training();
  const seen: string[] = [];
  const options = { modelName: "fraud", labelColumn: "odd", features: ["amount"], idempotencyKey: "mine" };
  const model = await client.trainModel(AMOUNTS, { ...options, onProgress: ({ state }) => seen.push(state) });
  expect(String(model)).toBe("fraud@4");
  expect(seen).toEqual(["running", "succeeded"]);
  const submission = server.requests.find(({ operationId }) => operationId === "trainModel")!;
  expect(submission.headers.get("idempotency-key")).toBe("mine");
  expect(JSON.parse(submission.body!)).toEqual({
    name: "fraud", algorithm: "knn", contamination: 0.2, parameters: { k: 3 }, features: ["amount"], label_column: "odd", data_sources: [DATASET],
  }); // prettier-ignore
});

test("fit trains with the client's own algorithm, under a name that is made", async () => {
  const { client, server } = training();
  await client.fit(DATASET);
  expect(JSON.parse(server.requests[0]!.body!)).toMatchObject({ algorithm: "knn", data_sources: [DATASET] });
  expect((JSON.parse(server.requests[0]!.body!) as { name: string }).name).toMatch(/^model-[0-9a-f]{12}$/);
});

test("the time of a training bounds the wait, and the training goes on", async () => {
  const { client, server } = training();
  server.answer("getJobStatus", job("running"));
  const error = await failure(client.trainModel(DATASET, { timeout: 5000 }));
  expect(error.name).toBe("APITimeoutError");
  expect(error.message).toContain(`Job ${ID} has not ended within`);
});

test("rows are scored by a model that is named, or in the hand", async () => {
  const { client, server } = training();
  const options = { includeExplanations: true, returnConfidence: true };
  const result = await client.predictWithModel("fraud@production", AMOUNTS.slice(9), options);
  expect(result.anomalies()[0]!.values).toEqual({ amount: 50 });
  await client.predict(client.models.use("fraud"), AMOUNTS);
  await (await client.trainModel(DATASET)).predict("amount\n1\n", { returnConfidence: true });
  const asked = server.requests.filter(({ operationId }) => operationId === "predictWithModel");
  expect(asked.map(({ path }) => path["name"])).toEqual(["fraud@production", "fraud", "fraud@4"]);
  expect(JSON.parse(asked[0]!.body!)).toEqual({ data: [{ amount: 50 }], include_explanations: true, return_confidence: true });
  expect([asked[2]!.headers.get("content-type"), asked[2]!.url.search]).toEqual(["text/csv", "?return_confidence=true"]);
});

test("a model in the hand knows its version, whichever way it is named", async () => {
  const { client, server } = rig();
  server.answer("getModel", { latest_version: 7 });
  server.answer("getModelAlias", { version: 5 });
  const versions = ["fraud", "fraud@latest", "fraud@production", "fraud@3"].map((each) => client.models.use(each).version());
  expect(await Promise.all(versions)).toEqual([7, 7, 5, 3]);
  server.answer("getModel", { latest_version: null });
  expect(await failure(client.models.use("fraud").version())).toMatchObject({
    name: "DataError",
    message: "Every version of the model 'fraud' is deleted; train another.",
  });
  expect(() => client.models.use("")).toThrow("A model has a name; give name, name@version or name@alias.");
});

test("a model in the hand is described, given an alias and deleted", async () => {
  const { client, server } = rig();
  server.answer("getModelVersion", { version: 3 });
  server.answer("setModelAlias", { alias: "production", version: 3 });
  for (const each of ["deleteModelVersion", "deleteModel"]) server.answer(each, () => new Response(null, { status: 204 }));
  const model = client.models.use("fraud@3");
  expect(model).toBeInstanceOf(TrainedModel);
  expect((await model.describe()).version).toBe(3);
  await model.setAlias("production");
  expect(JSON.parse(server.requests[1]!.body!)).toEqual({ version: 3 });
  await model.delete();
  await client.models.use("fraud").delete();
  expect(server.requests.slice(2).map(({ operationId, path }) => [operationId, path["name"]])).toEqual([
    ["deleteModelVersion", "fraud"],
    ["deleteModel", "fraud"],
  ]);
});

test("a model that is not there is told in the server's words, and rows that cannot be sent in ours", async () => {
  const { client, server } = rig();
  server.answer("predictWithModel", problem(404, "not-found", { detail: "There is no model 'x'." }));
  expect((await failure(client.predict("x", AMOUNTS))).message).toMatch(/^There is no model 'x'\. \(HTTP 404, not-found/);
  expect(await failure(client.predict("x", [{ a: Infinity }]))).toBeInstanceOf(DataError);
});
