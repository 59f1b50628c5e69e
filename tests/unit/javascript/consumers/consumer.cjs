// A program that has nothing but the installed package, and requires it.
const assert = require("node:assert/strict");
const PynomalyClient = require("pynomaly-js");
const { FakeServer, connectionRefused } = require("pynomaly-js/testing");
const { verifyWebhook } = require("pynomaly-js/webhooks");

async function main() {
  assert.equal(PynomalyClient.name, "PynomalyClient");
  assert.equal(PynomalyClient.PynomalyClient, PynomalyClient);
  const server = new FakeServer();
  const client = new PynomalyClient({ apiKey: "pyn_x", baseUrl: server.url, fetch: server.fetch, maxRetries: 0 });
  const result = await client.detectAnomalies([[1], [1], [1], [1], [50]], { contamination: 0.2 });
  assert.deepEqual(result.predictions, [0, 0, 0, 0, 1]);
  server.answer("healthCheck", connectionRefused());
  await assert.rejects(client.healthCheck(), PynomalyClient.APIConnectionError);
  await assert.rejects(verifyWebhook("{}", {}, "whsec_AAAA"), PynomalyClient.WebhookVerificationError);
  console.log("required", PynomalyClient.VERSION);
}

main();
