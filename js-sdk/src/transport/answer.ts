/** Reads answers: the promised JSON, or the error that the status and the problem document call for. */
import { APIResponseError, type APIStatusError, type Attempt, type Problem } from "../errors.js";
import { statusError } from "../status-errors.js";
import { JSON_TYPE } from "./content.js";

/** A whole answer; its body as text where the call asks for JSON, if it came so. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array | string;
}

/** Media type of an answer, lower case and without parameters. */
export function mediaType(headers: Headers): string {
  const given = headers.get("content-type") ?? "";
  return given === JSON_TYPE ? given : given.split(";", 1)[0]!.trim().toLowerCase();
}

/** `X-Request-Id` of an answer, where it is fit to be shown. */
export function requestId(headers: Headers): string | undefined {
  const value = headers.get("x-request-id") ?? "";
  return /^[\x20-\x7e]{1,128}$/.test(value) ? value : undefined;
}

/** Read the JSON of a 2xx answer; undefined where the answer has no body. `call` has the record of its attempts. */
export function decode(answer: Answer, call: { readonly record: readonly Attempt[] }): unknown {
  if (answer.status === 204 || answer.status === 205) return undefined;
  const media = mediaType(answer.headers);
  if (media !== JSON_TYPE) {
    throw unreadable(answer, `it is ${media || "of no media type"} instead of ${JSON_TYPE}`, call.record);
  }
  const value = parsed(answer.body);
  if (typeof value !== "object" || value === null) throw unreadable(answer, "it is no JSON object", call.record);
  return value;
}

function unreadable(answer: Answer, why: string, attempts: readonly Attempt[]): APIResponseError {
  const id = requestId(answer.headers);
  return new APIResponseError(
    `HTTP ${answer.status}, but the body is not what the contract promises: ${why}. Check that baseUrl is the address ` +
      `of a Pynomaly server with nothing in between that rewrites answers.${id ? ` (request ${id})` : ""}`,
    { status: answer.status, requestId: id, attempts },
  );
}

/** Build the error of an answer that is not 2xx. */
export function refusal(answer: Answer): APIStatusError {
  const problem = problemOf(answer);
  return statusError(answer.status, problem, requestId(answer.headers), problem ? "" : words(answer));
}

function problemOf(answer: Answer): Problem | undefined {
  if (!["application/problem+json", JSON_TYPE].includes(mediaType(answer.headers))) return undefined;
  const value = parsed(answer.body) as Partial<Problem> | null | undefined;
  return typeof value?.code === "string" && typeof value.title === "string" && typeof value.detail === "string"
    ? (value as Problem)
    : undefined;
}

function words(answer: Answer): string {
  if (answer.status >= 300 && answer.status < 400) {
    // Only where it leads, without what the address may carry.
    const location = answer.headers.get("location") ?? "";
    return URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
  }
  const media = mediaType(answer.headers);
  return media.startsWith("text/") || media.includes("json")
    ? textOf(answer.body.slice(0, 1000))
    : "";
}

function parsed(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch {
    return undefined;
  }
}

function textOf(body: Uint8Array | string): string {
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}
