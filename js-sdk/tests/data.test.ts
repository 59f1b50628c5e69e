import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { Content, Matrix, type DetectionData } from "../src/index.js";
import { connectionRefused } from "../src/testing.js";
import { failure, rig } from "./rig.js";

const FOLDER = mkdtempSync(join(tmpdir(), "pynomaly-"));
const RESULT = {
  predictions: [0], scores: [0], threshold: 1, contamination: 0.1, n_rows: 1, n_anomalies: 0, feature_names: [],
  columns: [{ name: "x0", type: "numeric", missing: 0, used: true }], identifiers: {}, algorithm: "a", warnings: [], source: "server", elapsed_ms: 0,
}; // prettier-ignore

function file(name: string, text: string | Uint8Array): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

async function sent(data: unknown, options: object = {}): Promise<{ type: string | null; body: string; query: string }> {
  const { client, server } = rig();
  server.answer("detectAnomalies", RESULT);
  await client.detectAnomalies(data as DetectionData, { contamination: 0.2, ...options });
  const { headers, body, url } = server.requests[0]!;
  return { type: headers.get("content-type"), body: body!, query: url.search };
}

const QUERY = "?contamination=0.2";
async function* rows() {
  yield { a: 1 };
  yield { a: undefined };
}
async function* bytes() {
  yield new TextEncoder().encode("a\n1\n");
  yield "2\n";
}

test.each<[string, unknown, string]>([
  ["rows as arrays", [[1, "x"], [Number.NaN, null]], '[[1,"x"],[null,null]]'],
  ["a row with a missing value after a number", [{ a: 1, b: undefined }], '[{"a":1,"b":null}]'],
  ["rows as objects", [{ at: new Date(0), n: 5n, missing: undefined }], '[{"at":"1970-01-01T00:00:00.000Z","n":5,"missing":null}]'],
  ["bare values", [1, 2], "[[1],[2]]"],
  ["rows as typed arrays", [new Float32Array([1, 2])], "[[1,2]]"],
  ["columns by name", { a: [1, 2], b: new Int8Array([3, 4]) }, '[{"a":1,"b":3},{"a":2,"b":4}]'],
  ["a set of rows", new Set([[1], [2]]), "[[1],[2]]"],
])("%s are sent as JSON with the options beside them", async (_, data, json) => {
  expect(await sent(data)).toEqual({ type: "application/json", body: `{"data":${json},"contamination":0.2}`, query: "" });
});

test("a whole request keeps its options under those of the call", async () => {
  const { body } = await sent({ data: [[1]], column_names: ["a"], algorithm: "knn", contamination: 0.5 });
  expect(JSON.parse(body)).toEqual({ data: [[1]], column_names: ["a"], algorithm: "knn", contamination: 0.2 });
});

test.each<[string, () => unknown, string, string, object?]>([
  ["CSV text", () => "a\n1\n", "text/csv", "a\n1\n"],
  ["a CSV file", () => file("a.csv", "a\n1\n"), "text/csv", "a\n1\n"],
  ["a TSV file", () => file("a.tsv", "a\tb\n1\t2\n"), "text/csv", "a\tb\n1\t2\n"],
  ["a file's URL", () => pathToFileURL(file("b.ndjson", '{"a":1}\n')), "application/x-ndjson", '{"a":1}\n'],
  ["a Blob", () => new Blob(["a\n1\n"], { type: "text/csv" }), "text/csv", "a\n1\n"],
  ["a File", () => new File(["a\n1\n"], "x.csv"), "text/csv", "a\n1\n"],
  ["a Content", () => new Content("text/csv", "a\n1\n"), "text/csv", "a\n1\n"],
  ["a Node stream of bytes", () => Readable.from(bytes()), "text/csv", "a\n1\n2\n", { mediaType: "text/csv" }],
  ["a web stream of bytes", () => new Blob(["a\n1\n"]).stream(), "text/csv", "a\n1\n", { mediaType: "text/csv" }],
  ["a stream of rows", () => rows(), "application/x-ndjson", '{"a":1}\n{"a":null}\n'],
  ["a Node stream of rows", () => Readable.from([{ a: 1 }]), "application/x-ndjson", '{"a":1}\n'],
])("%s is sent as it is, with the options in the query", async (_, data, type, body, options) => {
  expect(await sent(data(), options)).toEqual({ type, body, query: QUERY });
});

test("a JSON file of rows is sent with the options around them", async () => {
  const { type, body } = await sent(file("rows.json", '\uFEFF[{"a": 1}]'));
  expect([type, body]).toEqual(["application/json", '{"data":[{"a":1}],"contamination":0.2}']);
});

test("options of a query are written as the contract reads them", async () => {
  const { query } = await sent("a\n1\n", { features: ["a", "b c"], columnTypes: { a: "numeric" }, returnConfidence: true, windows: 5 });
  const written = "?contamination=0.2&return_confidence=true&features=a&features=b%20c";
  expect(query).toBe(`${written}&column_types=%7B%22a%22%3A%22numeric%22%7D&windows=%7B%22length%22%3A5%7D`);
});

test("typed arrays are sent as NumPy writes them", async () => {
  let body = new Uint8Array();
  const { client } = rig({
    fetch: async (_, init) => {
      body = new Uint8Array(await new Response(init.body).arrayBuffer());
      return Response.json(RESULT);
    },
  });
  await client.detectAnomalies(new Matrix(new Float64Array([1, 2, 3, Number.NaN, 5, 6]), 2));
  const length = body[8]! + body[9]! * 256;
  expect([...body.subarray(0, 8)]).toEqual([0x93, 78, 85, 77, 80, 89, 1, 0]);
  expect((10 + length) % 64).toBe(0);
  expect(new TextDecoder().decode(body.subarray(10, 10 + length)).trim()).toBe("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }");
  expect([...new Float64Array(body.slice(10 + length).buffer)]).toEqual([1, 2, 3, Number.NaN, 5, 6]);
});

test.each<[unknown, string]>([
  [[[1], [Infinity]], "Row 1, column 0 is infinite; give a finite number, or null where the value is missing."],
  [[{ a: { b: 1 } }], "Row 0, column 'a' is a Object, which has no form in JSON here; give a number, text, boolean, Date or null."],
  [[{ a: 2n ** 60n + 1n }], "Row 0, column 'a' is a bigint that no number holds exactly; give it as text or as a rounded number."],
  [[{ a: "\ud800" }], "Row 0, column 'a': the text holds half of a surrogate pair, which is no character; use toWellFormed()."],
  [[[1], new Map()], "Row 1 is a Map; give each row as an array of values or as an object from column to value."],
  [{ a: [1], b: [1, 2] }, "The columns differ in length (a: 1, b: 2); give every column one value per row."],
  [{ a: 1 }, "An object as data is taken as columns by name, and its 'a' is a number; give an array of values per column, or put a single row into an array."],
  [new Float64Array([1, Infinity]), "Row 1, column 0 is infinite; give a finite number, or NaN where the value is missing."],
  [new Blob(["x"]), "The Blob does not say what it holds; make it with a type such as 'text/csv', or say mediaType."],
  [bytes(), "The stream holds bytes or text; say what they are with mediaType, such as 'text/csv' or 'application/x-ndjson'."],
  [42, "A number cannot be sent as data; give rows (arrays or objects), columns by name, a typed array or Matrix, CSV text, a path, a Blob, a stream or a Content."],
])("data that cannot be sent are refused with their place: %#", async (data, message) => {
  expect(await failure(sent(data))).toMatchObject({ name: "DataError", message });
});

test("a file that is not there, or of no known kind, is told", async () => {
  expect((await failure(sent("nowhere.csv"))).message).toMatch(/^There is no file 'nowhere\.csv' \(looked from /);
  expect((await failure(sent(file("a.xyz", "")))).message).toMatch(/^The extension '\.xyz' of 'a\.xyz' does not say what the file holds; known are \.arrow, /);
  expect((await failure(sent(file("a.arrow", "ARROW1\0\0")))).message).toContain("Arrow's file format (Feather)");
  expect((await failure(sent(file("a.json", "{}")))).message).toContain("must hold an array of rows");
  expect((await failure(sent(FOLDER))).message).toContain("is not a file");
});

test("what the caller's own stream fails with passes through unchanged", async () => {
  async function* broken() {
    yield { a: 1 };
    throw new RangeError("the disk is gone");
  }
  const sink = createServer((request) => request.resume());
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const { port } = sink.address() as AddressInfo;
  const { client } = rig({ fetch: globalThis.fetch, baseUrl: `http://127.0.0.1:${port}` });
  expect(await failure(client.detectAnomalies(broken()))).toMatchObject({ name: "RangeError", message: "the disk is gone" });
  sink.closeAllConnections();
  sink.close();
});

test("a stream is sent once, and not again", async () => {
  const { client, server } = rig();
  server.answer("detectAnomalies", connectionRefused());
  const error = await failure(client.detectAnomalies(rows()));
  expect(error).toMatchObject({ name: "APIConnectionError", attempts: [{ number: 1 }] });
});

test.each<[string, () => unknown]>([
  ["CSV text", () => 'name;v\n"a;""b";1\r\nc;1\nc;1\nc;1\nc;50\n'],
  ["a CSV file", () => file("local.csv", "\uFEFFname,v\na,1\nc,1\nc,1\nc,1\nc,50\n")],
  ["a TSV file", () => file("local.tsv", "name\tv\na\t1\nc\t1\nc\t1\nc\t1\nc\t50\n")],
  ["an NDJSON Blob", () => new Blob([[1, 1, 1, 1, 50].map((v) => `{"v":${v}}\n`).join("")], { type: "application/x-ndjson" })],
  ["a typed array", () => new Float64Array([1, 1, 1, 1, 50])],
])("%s is read on this machine where no server answers", async (_, data) => {
  const { client, server } = rig({ fallback: "local", maxRetries: 0 });
  server.answer("detectAnomalies", connectionRefused());
  const result = await client.detectAnomalies(data() as DetectionData, { contamination: 0.2, features: undefined });
  expect(result.predictions[4]).toBe(1);
  expect(result.n_rows).toBe(5);
});
