// What a call of the client costs its caller beside the same request by bare fetch.
//
//     node benchmarks/fetch.mjs [ROUNDS] [CALLS]         40 and 50 by default
//
// Both ask one server, a process of its own that answers with bytes made beforehand, over kept connections. What counts
// is the CPU time of this process, so that neither the server nor a busy machine is in the figures. Blocks of calls take
// turns; a ratio is the median over the rounds. The bare request is what a person writes: JSON.stringify or the bytes in
// NPY, a look at `ok`, `json()`. Between the two stands bare fetch with a signal that a timer would abort, as every call of
// the client has one: what a request that can be ended costs in the platform itself.
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Matrix, PynomalyClient } from "pynomaly-js";

const TARGET = 1.25;
const KEY = "pyn_abcd1234_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGabc123";

if (process.argv[2] === "serve") serve();
else await compare(Number(process.argv[2] ?? 40), Number(process.argv[3] ?? 50));

function serve() {
  const answers = {};
  for (const rows of [100, 1000]) {
    const each = (value) => Array.from({ length: rows }, value);
    answers[rows] = JSON.stringify({
      predictions: each(() => 0), scores: each((_, row) => row / rows), threshold: 0.6, contamination: 0.1, n_rows: rows, n_anomalies: 0,
      feature_names: ["x0"], columns: [{ name: "x0", type: "numeric", missing: 0, used: true }], identifiers: {},
      algorithm: "isolation_forest", warnings: [], source: "server", elapsed_ms: 1,
    });
  }
  const health = JSON.stringify({ status: "ok", version: "0.1.0", parts: {} });
  const server = createServer((request, response) => {
    const kind = request.headers["content-type"];
    request.resume().on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(request.method === "GET" ? health : kind === "application/x-npy" ? answers[1000] : answers[100]);
    });
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

async function compare(rounds, calls) {
  const child = fork(fileURLToPath(import.meta.url), ["serve"]);
  const port = await new Promise((resolve) => child.once("message", resolve));
  const baseUrl = `http://127.0.0.1:${port}`;
  const client = new PynomalyClient({ apiKey: KEY, baseUrl });
  const headers = { authorization: `Bearer ${KEY}` };
  const rows = Array.from({ length: 100 }, (_, row) => Array.from({ length: 5 }, (__, column) => Math.sin(row * 7 + column)));
  const matrix = new Matrix(Float64Array.from({ length: 10_000 }, (_, place) => Math.sin(place)), 10);
  const bare = async (path, init = {}) => {
    const answer = await fetch(`${baseUrl}/api/v1${path}`, { ...init, headers: { ...headers, ...init.headers } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const timed = async (path, init) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 30_000);
    try {
      return await bare(path, { ...init, signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  const json = { "content-type": "application/json" };
  const npy = { "content-type": "application/x-npy" };
  const cases = [
    ["health", (send) => send("/health"), () => client.healthCheck()],
    ["detect, 100 x 5, JSON", (send) => send("/detect", { method: "POST", headers: json, body: JSON.stringify({ data: rows }) }), () => client.detectAnomalies(rows)],
    ["detect, 1,000 x 10, NPY", (send) => send("/detect", { method: "POST", headers: npy, body: matrix.content().data }), () => client.detectAnomalies(matrix)],
  ];
  console.log(`Node ${process.versions.node}, ${rounds} rounds of ${calls} calls; CPU time per call, target ${TARGET}x`);
  console.log("| | fetch | fetch with a deadline | the client |\n| --- | --- | --- | --- |");
  for (const [name, plain, ours] of cases) {
    const ways = [() => plain(bare), () => plain(timed), ours];
    for (const warm of ways) await block(warm, calls * 4);
    const figures = ways.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      // Each in turn is the first.
      for (let turn = 0; turn < ways.length; turn += 1) {
        const way = (round + turn) % ways.length;
        figures[way][round] = await block(ways[way], calls);
      }
    }
    const cells = figures.map((figure) => {
      const ratio = median(figure.map((value, round) => value / figures[0][round]));
      return `${median([...figure]).toFixed(0)} µs (${ratio.toFixed(2)}x)`;
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
  child.kill();
}

async function block(call, calls) {
  const before = process.cpuUsage();
  for (let number = 0; number < calls; number += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
