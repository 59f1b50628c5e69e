import { PynomalyClient, RateLimitError, type DetectionResult, type Schemas } from "pynomaly-js";
import Default from "pynomaly-js";
import { FakeServer } from "pynomaly-js/testing";

const server = new FakeServer().answer("healthCheck", { status: "ok" });
const client: PynomalyClient = new Default({ fetch: server.fetch, fallback: ["local", () => [0.5]] });
export async function names(): Promise<string[]> {
  const result: DetectionResult = await client.detectAnomalies({ amount: new Float64Array(3) });
  const found: string[] = [];
  for await (const dataset of client.datasets.listDatasetsIter()) found.push(dataset.dataset_id);
  const columns: Schemas["Column"][] = result.columns;
  // @ts-expect-error -- a row has no such field
  result.row(0).nothing;
  return result instanceof RateLimitError ? [] : [...found, ...columns.map(({ name }) => name)];
}
