import PynomalyClient = require("pynomaly-js");
import { verifyWebhook } from "pynomaly-js/webhooks";

const client: PynomalyClient = new PynomalyClient({ apiKey: "pyn_x", timeout: 1000 });
export async function top(): Promise<number | undefined> {
  const result: PynomalyClient.DetectionResult = await client.detectAnomalies([[1], [2]], { algorithm: "knn" });
  const job: PynomalyClient.Schemas["Job"] = await client.getJobStatus("job_1");
  // @ts-expect-error -- there is no such option
  await client.detectAnomalies([[1]], { contaminaton: 0.1 });
  try {
    await verifyWebhook("", {}, "");
  } catch (error) {
    if (error instanceof PynomalyClient.RateLimitError) return error.retryAfter;
  }
  return job.state === "succeeded" ? result.top(1)[0]?.score : undefined;
}
