// A program that has nothing but the installed package, and imports it; with the global fetch, at an address where nobody is.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import Default, { APIConnectionError, PynomalyClient, PynomalyError, VERSION, WebhookVerificationError } from "pynomaly-js";
import { FakeServer } from "pynomaly-js/testing";
import { verifyWebhook } from "pynomaly-js/webhooks";

assert.equal(Default, PynomalyClient);
// A port that was free a moment ago.
const listener = createServer().listen(0, "127.0.0.1");
await new Promise((resolve) => listener.once("listening", resolve));
const { port } = listener.address();
await new Promise((resolve) => listener.close(resolve));
const nobody = new PynomalyClient({ apiKey: "pyn_x", baseUrl: `http://127.0.0.1:${port}`, maxRetries: 0, fallback: "local" });
const rows = [[1], [1], [1], [1], [50]];
const result = await nobody.detectAnomalies(rows, { contamination: 0.2 });
assert.equal(result.source, "fallback");
assert.deepEqual(result.predictions, [0, 0, 0, 0, 1]);
const error = await nobody.healthCheck().catch((caught) => caught);
assert.ok(error instanceof APIConnectionError && error instanceof PynomalyError);
assert.match(error.message, /^Cannot connect to http:\/\/127\.0\.0\.1:\d+: /);
await assert.rejects(verifyWebhook("{}", {}, "whsec_AAAA"), WebhookVerificationError);
const server = new FakeServer();
const client = new PynomalyClient({ apiKey: "pyn_x", baseUrl: server.url, fetch: server.fetch });
assert.equal((await client.healthCheck()).status, "ok");
console.log("imported", VERSION);
