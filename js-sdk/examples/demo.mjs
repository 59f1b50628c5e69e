// The last part of `make demo`: the same server, asked from Node.
import { basename } from "node:path";
import { PynomalyClient } from "pynomaly-js";

const client = new PynomalyClient();
const path = process.argv[2];
const result = await client.detectAnomalies(path, { contamination: 0.01, includeExplanations: true });
console.log(`await client.detectAnomalies("${basename(path)}", { contamination: 0.01, … })`);
console.log(`Node ${process.versions.node}: ${result}`);
for (const { row, score, explanation } of result.anomalies(5)) {
  const why = explanation.slice(0, 2).map(({ feature, contribution }) => `${feature} ${Math.round(contribution * 100)}%`);
  console.log(`  row ${String(row).padStart(5)}  score ${score.toFixed(4)}  ${why.join(", ")}`);
}
