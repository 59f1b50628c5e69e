/**
 * Verifies the messages that a Pynomaly server sends to webhooks.
 *
 * The scheme is Standard Webhooks, version 1.0
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the header
 * `webhook-signature` holds the base64 of the HMAC-SHA256 of `id.timestamp.body`, once for each secret that is valid.
 */
import { ConfigurationError, WebhookVerificationError } from "./errors.js";

export { WebhookVerificationError };

const PREFIX = "whsec_";
const MOST_SIGNATURES = 20;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A message that was verified; `type` and `timestamp` are undefined where another sender left them out. */
export interface WebhookEvent {
  /** The same each time the message is sent, also by hand; drop those you have seen. */
  readonly id: string;
  /** What happened, such as `job.succeeded`. */
  readonly type: string | undefined;
  /** When it happened. */
  readonly timestamp: Date | undefined;
  /** What the message says of it. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The whole message. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Headers as `fetch` or as Node's servers give them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Check that a message comes from the server that shares the secret, is whole and recent.
 *
 * @param payload - The body exactly as it came; a body parsed and written again is another one.
 * @param headers - The request's headers.
 * @param secret - The endpoint's secret (`whsec_…`), or several of which one has to fit, as during a rotation.
 * @param options - `tolerance`: milliseconds that the message's time may differ from this machine's clock, 300,000 where
 *   left out; `Infinity` for any.
 * @returns The message.
 * @throws WebhookVerificationError: It is not to be trusted; the message says which part of it.
 * @throws ConfigurationError: The secret is none, or the tolerance is negative.
 */
export async function verifyWebhook(
  payload: Uint8Array | string,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { tolerance = 300_000 }: { readonly tolerance?: number } = {},
): Promise<WebhookEvent> {
  if (!(tolerance >= 0)) throw new ConfigurationError(`tolerance is ${tolerance}, but must be a number of milliseconds from 0.`);
  const secrets = (typeof secret === "string" ? [secret] : secret).map(keyOf);
  if (secrets.length === 0) throw new ConfigurationError("There is no secret; give the endpoint's whsec_….");
  if (typeof payload !== "string" && !(payload instanceof Uint8Array)) {
    throw new WebhookVerificationError(
      "The payload is neither bytes nor text, but something parsed; pass the body as it came (express.raw(), or Fastify's " +
        "parseAs: 'buffer').",
    );
  }
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => header(headers, `webhook-${name}`));
  checkTime(timestamp!, tolerance);
  const start = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(start.length + body.length);
  signed.set(start);
  signed.set(body, start.length);
  const candidates = signatures!
    .split(/\s+/)
    .slice(0, MOST_SIGNATURES)
    .filter((part) => part.startsWith("v1,"))
    .map((part) => decoded(part.slice(3)));
  // Every pair is compared, in constant time each, so that the time taken tells nothing of which one fitted.
  const checks: Promise<boolean>[] = [];
  for (const one of secrets) {
    const key = await crypto.subtle.importKey("raw", one, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const candidate of candidates) checks.push(crypto.subtle.verify("HMAC", key, candidate, signed));
  }
  if (!(await Promise.all(checks)).includes(true)) {
    throw new WebhookVerificationError(
      "No signature in webhook-signature fits this body and secret. Pass the body as the bytes that came, and the secret " +
        "of this endpoint.",
    );
  }
  return eventOf(id!, body);
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = typeof secret === "string" ? decoded(secret.replace(PREFIX, "")) : new Uint8Array();
  if (key.length > 0) return key;
  throw new ConfigurationError("The secret is not whsec_ and base64; take it as it was shown when it was made.");
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  return BASE64.test(text) ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : new Uint8Array();
}

function header(headers: WebhookHeaders, name: string): string {
  const found =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  const value = typeof found === "object" ? found?.[0] : found;
  if (value) return value;
  throw new WebhookVerificationError(`The header ${name} is missing, so this is no signed message.`);
}

function checkTime(timestamp: string, tolerance: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError("The header webhook-timestamp is no number of seconds since 1970.");
  }
  const difference = Date.now() - Number(timestamp) * 1000;
  if (Math.abs(difference) > tolerance) {
    throw new WebhookVerificationError(
      `The message is ${(Math.abs(difference) / 1000).toFixed(0)} s ${difference > 0 ? "old" : "ahead"}, but ` +
        `${tolerance / 1000} s are tolerated. It is a replay, or one of the two clocks is wrong.`,
    );
  }
}

function eventOf(id: string, body: Uint8Array): WebhookEvent {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(body));
  } catch {
    content = undefined;
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new WebhookVerificationError("The signature fits, but the body is no JSON object.");
  }
  const { type, timestamp, data } = content as Record<string, unknown>;
  const moment = typeof timestamp === "string" ? new Date(timestamp) : undefined;
  return {
    id,
    type: typeof type === "string" ? type : undefined,
    timestamp: moment && !Number.isNaN(moment.getTime()) ? moment : undefined,
    data: typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {},
    content: content as Record<string, unknown>,
  };
}
