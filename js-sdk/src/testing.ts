/** For the tests of programs that use `pynomaly-js`: a server in memory, faults to meet, and a clock that nobody waits for. */
import { operations } from "./generated/operations.js";
import type { Schemas } from "./generated/resources.js";
import { columnsOfRows } from "./data/rows.js";
import { detectLocally } from "./local.js";
import type { Clock } from "./transport/clock.js";
import type { Fetch } from "./transport/driver.js";

/** A clock that moves only when somebody waits, or when it is told to. */
export class VirtualClock implements Clock {
  /** Every wait so far, in milliseconds. */
  readonly slept: number[] = [];
  #moment = 0;
  readonly #timers = new Map<object, { at: number; callback: () => void }>();

  now(): number {
    return this.#moment;
  }

  time(): number {
    return 1_700_000_000_000 + this.#moment;
  }

  /** Move on by `wait` milliseconds; what was to happen meanwhile happens. */
  advance(wait: number): void {
    this.#moment += wait;
    for (const [key, { at, callback }] of [...this.#timers]) {
      if (at <= this.#moment && this.#timers.delete(key)) callback();
    }
  }

  async sleep(wait: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(wait);
    this.advance(wait);
    // Whoever else is under way gets a turn, as in a real wait.
    await Promise.resolve();
    signal?.throwIfAborted();
  }

  after(wait: number, callback: () => void): () => void {
    const key = {};
    this.#timers.set(key, { at: this.#moment + wait, callback });
    return () => {
      this.#timers.delete(key);
    };
  }
}

/** A request as the server in memory sees it. */
export interface FakeRequest {
  /** Operation of the contract. */
  readonly operationId: string;
  readonly method: string;
  readonly url: URL;
  /** Values of the path's parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** The body as text; undefined where there was none. */
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the server in memory does: an answer, an error that `fetch` fails with, or a function that gives one of them. */
export type FakeAnswer = Response | Error | Readonly<Record<string, unknown>> | FakeBehaviour;
/** Decides what to answer. */
export type FakeBehaviour = (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>;

const BASE = "/api/v1";
const OPERATIONS = Object.values(operations).map((op) => ({
  op,
  pattern: new RegExp(`^${BASE}${op.path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
}));

/**
 * A server in memory that knows the operations of the contract.
 *
 * ```js
 * const server = new FakeServer();
 * server.answer("detectAnomalies", problem(503, "overloaded"), { ...result });
 * const client = new PynomalyClient({ apiKey: "pyn_test", baseUrl: server.url, fetch: server.fetch });
 * ```
 *
 * `detectAnomalies` on JSON rows is answered by the local rules, and `healthCheck` by good health, unless a test says
 * otherwise; every other operation needs an answer first.
 */
export class FakeServer {
  /** What to give as `baseUrl`. */
  readonly url = "http://pynomaly.localhost";
  /** Every request so far. */
  readonly requests: FakeRequest[] = [];
  readonly #answers = new Map<string, FakeAnswer[]>([
    ["detectAnomalies", [detected]],
    ["healthCheck", [{ status: "ok", version: "0.0.0", parts: {} }]],
  ]);

  /** Say what an operation answers: each of several once and in turn, the last one for ever. */
  answer(operationId: string, ...answers: FakeAnswer[]): this {
    if (!(operationId in operations)) throw new TypeError(`The contract has no operation '${operationId}'.`);
    if (answers.length === 0) throw new TypeError(`Give at least one answer for ${operationId}.`);
    this.#answers.set(operationId, answers);
    return this;
  }

  /** What to give as `fetch`. */
  readonly fetch: Fetch = async (input, init) => {
    const request = await read(input, init);
    this.requests.push(request);
    const queue = this.#answers.get(request.operationId) ?? [];
    let answer: FakeAnswer | undefined = queue.length > 1 ? queue.shift() : queue[0];
    if (answer === undefined) {
      throw new TypeError(`No answer for ${request.operationId}; say one with server.answer("${request.operationId}", …).`);
    }
    while (typeof answer === "function") answer = await answer(request);
    init.signal?.throwIfAborted();
    if (answer instanceof Error) throw answer;
    // A response is read once, and this one may be given again.
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  };
}

async function read(input: string, init: RequestInit): Promise<FakeRequest> {
  const url = new URL(input);
  const method = init.method ?? "GET";
  for (const { op, pattern } of OPERATIONS) {
    const match = op.method === method ? pattern.exec(url.pathname) : null;
    if (!match) continue;
    const path = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
    const body = init.body === undefined || init.body === null ? undefined : await new Response(init.body).text();
    return { operationId: op.id, method, url, path, headers: new Headers(init.headers), body, signal: init.signal ?? undefined };
  }
  throw new TypeError(`The contract has no operation ${method} ${url.pathname}.`);
}

function detected({ body }: FakeRequest): FakeAnswer {
  let request: Schemas["DetectionRequest"];
  try {
    request = JSON.parse(body ?? "") as Schemas["DetectionRequest"];
  } catch {
    return problem(415, "unsupported-media-type", { detail: "The server in memory detects in JSON rows; say an answer for others." });
  }
  const contamination = request.contamination ?? 0.1;
  const found = detectLocally(columnsOfRows(request.data, request.column_names), contamination);
  return {
    predictions: found.predictions,
    scores: found.scores,
    threshold: found.threshold,
    contamination: contamination === "auto" ? 0.1 : contamination,
    n_rows: found.scores.length,
    n_anomalies: found.predictions.filter((prediction) => prediction === 1).length,
    feature_names: found.columns.map(({ name }) => name),
    columns: found.columns.map(({ name, type, missing }) => ({ name, type, missing, used: type !== "identifier" })),
    identifiers: {},
    algorithm: request.algorithm ?? "isolation_forest",
    warnings: [],
    source: "server",
    elapsed_ms: 0,
  };
}

/**
 * A refusal as the server words it.
 *
 * @param status - HTTP status.
 * @param code - The problem's stable name.
 * @param more - `detail` in words, and `headers` such as `Retry-After`.
 */
export function problem(
  status: number,
  code: string,
  more: { readonly detail?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const document = {
    type: `https://pynomaly.example/problems/${code}`,
    title: code,
    status,
    detail: more.detail ?? `The test says ${code}.`,
    code,
    request_id: "req_test",
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: { "content-type": "application/problem+json", "x-request-id": "req_test", ...more.headers },
  });
}

/** Nobody listens: what `fetch` fails with when the server is away. */
export function connectionRefused(): Error {
  return failed("connect ECONNREFUSED 127.0.0.1:8000", "ECONNREFUSED");
}

/** The connection broke after the request was sent. */
export function connectionReset(): Error {
  return failed("read ECONNRESET", "ECONNRESET");
}

/** No answer came in the time that `fetch` itself waits. */
export function responseTimeout(): Error {
  return failed("Headers Timeout Error", "UND_ERR_HEADERS_TIMEOUT");
}

/** An answer that breaks within its body. */
export function truncated(start: string): Response {
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) controller.error(failed("other side closed", "UND_ERR_SOCKET"));
      else controller.enqueue(new TextEncoder().encode(start));
      begun = true;
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** An answer that never comes, until the caller gives up. */
export function stalled({ signal }: FakeRequest): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => {
      reject(signal?.reason as Error);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

function failed(message: string, code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}
