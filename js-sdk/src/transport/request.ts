/** Puts a request together: address, query, headers and body of an operation. */
import { ConfigurationError } from "../errors.js";
import { VERSION } from "../version.js";
import { Content, JSON_TYPE } from "./content.js";
import type { Operation } from "./operation.js";
import type { CallOptions } from "./options.js";

/** A server, and the key for it. */
export interface Connection {
  /** Address up to and including `/api/v1`. */
  readonly root: string;
  /** Undefined where a user logs in, or nobody needs to. */
  readonly apiKey: string | undefined;
}

/** Has the access token of a user. */
export interface Bearer {
  /** A token that is good now, as far as anybody here can know. */
  token(): Promise<string>;
  /** Another token than the one that the server has just refused. */
  renewed(refused: string): Promise<string>;
}

/** What is told of a call beside its operation. */
export interface CallRequest {
  /** Values of the path's parameters in their order. */
  readonly path?: readonly (string | number)[] | undefined;
  /** Query parameters; undefined is left out, lists repeat the name, objects are JSON. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** Header parameters; undefined is left out. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** A value, sent as JSON, or bytes in a media type of their own. */
  readonly body?: unknown;
  readonly options?: CallOptions | undefined;
}

/** A request, the same in every attempt of its call; its address is `root` and `target`. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  /** By their names in lower case; no `Headers`, which `fetch` would check and copy once more. */
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Content | undefined;
}

const IDEMPOTENCY_KEY = "idempotency-key";
const HEADER = /^[!#$%&'*+.^`|~\w-]+: [\t\x20-\x7e\x80-\xff]*$/;
const USER_AGENT = `pynomaly-js/${VERSION}${runtime()}`;

/**
 * Build the request of one call.
 *
 * An operation of retry class `idempotency-key` gets a generated key unless the caller gives one: the key is part of the
 * request, so that every attempt carries the same.
 */
export function buildRequest(
  op: Operation,
  connection: Connection,
  request: CallRequest,
  options: CallOptions,
  accept: string,
): Outgoing {
  const content = contentOf(request.body);
  const headers: Record<string, string> = { accept, "user-agent": USER_AGENT };
  if (connection.apiKey !== undefined) headers["authorization"] = `Bearer ${connection.apiKey}`;
  if (content) set(headers, "content-type", content.mediaType);
  for (const name in request.headers) {
    const value = request.headers[name];
    if (value !== undefined && value !== null) set(headers, name, plain(value));
  }
  for (const name in options.headers) set(headers, name, options.headers[name]!);
  if (op.retry === "idempotency-key" && !(IDEMPOTENCY_KEY in headers)) {
    set(headers, IDEMPOTENCY_KEY, options.idempotencyKey ?? crypto.randomUUID().replaceAll("-", ""));
  }
  return { method: op.method, target: target(op, request), headers, content };
}

function set(headers: Record<string, string>, name: string, value: string): void {
  // The complaint of the platform would quote the value, which may be a secret.
  if (!HEADER.test(`${name}: ${value}`)) {
    throw new ConfigurationError(`The header '${name}' holds characters that no header may; take them out.`);
  }
  headers[name.toLowerCase()] = value;
}

function contentOf(body: unknown): Content | undefined {
  if (body === undefined || body instanceof Content) return body;
  return new Content(JSON_TYPE, JSON.stringify(body));
}

function target(op: Operation & { readonly json?: string }, request: CallRequest): string {
  const { path: values, query } = request;
  let place = 0;
  const filled = values?.length ? op.path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[place++])) : op.path;
  const encoded = query && encodeQuery(query, op.json);
  return encoded ? `${filled}?${encoded}` : filled;
}

function segment(name: string, value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? `${value}` : "";
  if (text === "" || text === "." || text === "..") {
    throw new ConfigurationError(`'${text}' is no ${name}; give the id that the server gave.`);
  }
  return encodeURIComponent(text);
}

/** A name of JavaScript as the contract writes it: `returnConfidence` is `return_confidence`, `class_` is `class`. */
export function wireName(name: string): string {
  return name.replace(/_$/, "").replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** Encode query parameters, percent-encoded as UTF-8, their names as the contract writes them. */
export function encodeQuery(query: Readonly<Record<string, unknown>>, json?: string): string {
  let encoded = "";
  for (const given in query) {
    const name = wireName(given);
    const value = query[given];
    for (const each of Array.isArray(value) && name !== json ? (value as unknown[]) : [value]) {
      if (each === undefined || each === null) continue;
      const text = name === json ? JSON.stringify(each) : plain(each);
      encoded += `${encoded && "&"}${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
    }
  }
  return encoded;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function runtime(): string {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  const node = process?.versions?.node;
  return node ? ` (node/${node})` : "";
}
