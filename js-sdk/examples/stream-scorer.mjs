// Reads rows as NDJSON from stdin, scores them in windows, and writes those that stand out, with their score.
//
//     node examples/stream-scorer.mjs [ROWS PER WINDOW] < rows.ndjson > anomalies.ndjson
import { createInterface } from "node:readline";
import { PynomalyClient } from "pynomaly-js";

const size = Number(process.argv[2] ?? 500);
const client = new PynomalyClient({ fallback: "local" });

async function* windows() {
  let rows = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) rows.push(JSON.parse(line));
    if (rows.length === size) {
      yield rows;
      rows = [];
    }
  }
  // What is left is too little to compare with itself where it is but a few rows.
  if (rows.length >= 10) yield rows;
}

let before = 0;
for await (const rows of windows()) {
  const result = await client.detectAnomalies(rows, { contamination: 0.01 });
  for (const { row, score, values } of result.anomalies()) {
    console.log(JSON.stringify({ row: before + row, score: Number(score.toFixed(4)), source: result.source, ...values }));
  }
  before += rows.length;
}
console.error(`${before} rows scored`);
