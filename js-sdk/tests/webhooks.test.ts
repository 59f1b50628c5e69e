import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { verifyWebhook } from "../src/webhooks.js";
import { failure } from "./rig.js";

const SECRET = `whsec_${Buffer.from("a secret of some length").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another").toString("base64")}`;
const BODY = JSON.stringify({ type: "job.succeeded", timestamp: "2026-05-01T12:00:00Z", data: { job_id: "job_1" } });

function signed(body: string, secret = SECRET, at = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.slice(6), "base64");
  const signature = createHmac("sha256", key).update(`msg_1.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": `v1,AAAA v2,xx v1,${signature}` };
}

test("a signed message is read, whatever form its headers have", async () => {
  const headers = signed(BODY);
  const wanted = { id: "msg_1", type: "job.succeeded", timestamp: new Date("2026-05-01T12:00:00Z"), data: { job_id: "job_1" } };
  expect(await verifyWebhook(BODY, headers, SECRET)).toMatchObject(wanted);
  expect(await verifyWebhook(Buffer.from(BODY), new Headers(headers), SECRET)).toMatchObject(wanted);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
  expect(await verifyWebhook(BODY, upper, [OTHER, SECRET])).toMatchObject(wanted);
});

test.each<[string, () => Promise<unknown>, string]>([
  ["another body", () => verifyWebhook(`${BODY} `, signed(BODY), SECRET), "No signature in webhook-signature fits this body and secret."],
  ["another secret", () => verifyWebhook(BODY, signed(BODY), OTHER), "No signature in webhook-signature fits"],
  ["an old message", () => verifyWebhook(BODY, signed(BODY, SECRET, Date.now() - 400_000), SECRET), "s old, but 300 s are tolerated."],
  ["a message from the future", () => verifyWebhook(BODY, signed(BODY, SECRET, Date.now() + 400_000), SECRET), "s ahead, but 300 s"],
  ["no header", () => verifyWebhook(BODY, {}, SECRET), "The header webhook-id is missing, so this is no signed message."],
  ["a strange time", () => verifyWebhook(BODY, { ...signed(BODY), "webhook-timestamp": "soon" }, SECRET), "is no number of seconds since 1970."],
  ["no JSON object", () => verifyWebhook("[]", signed("[]"), SECRET), "The signature fits, but the body is no JSON object."],
  ["a parsed body", () => verifyWebhook(JSON.parse(BODY) as string, signed(BODY), SECRET), "The payload is neither bytes nor text, but something parsed"],
])("%s is not trusted", async (_, call, message) => {
  const error = await failure(call());
  expect(error.name).toBe("WebhookVerificationError");
  expect(error.message).toContain(message);
});

test("an old message is trusted where any age is tolerated", async () => {
  expect((await verifyWebhook(BODY, signed(BODY, SECRET, 0), SECRET, { tolerance: Infinity })).id).toBe("msg_1");
});

test("a secret that is none is told", async () => {
  for (const secret of ["whsec_", "whsec_%%%", []]) {
    expect((await failure(verifyWebhook(BODY, signed(BODY), secret))).name).toBe("ConfigurationError");
  }
});
