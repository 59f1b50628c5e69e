/** Every case of `openapi/vectors/`, as the Python drivers run them. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { APIConnectionError, APIError, APITimeoutError, CircuitOpenError, redact } from "../src/errors.js";
import { detectLocally, type Columns } from "../src/local.js";
import { Guards, type ResilienceOptions } from "../src/resilience/guards.js";
import { PATIENT, pollHold, pollPause } from "../src/resilience/polling.js";
import { parseRetryAfter } from "../src/resilience/retry-after.js";
import type { Operation } from "../src/transport/operation.js";
import { breakerPolicy } from "../src/resilience/breaker.js";
import { Driver } from "../src/transport/driver.js";
import { VirtualClock, connectionRefused, connectionReset, responseTimeout, truncated } from "../src/testing.js";

const FOLDER = new URL("../../openapi/vectors/", import.meta.url);
const FILES: Record<string, { about: string; cases: { name: string }[] }> = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))]),
);
const PLAYED = ["retry", "breaker", "budget", "base_urls"];
const TABLES = ["local", "polling", "redaction", "retry_after"];
const run = new Set<string>();

interface Step {
  status?: number;
  code?: string;
  headers?: Record<string, string>;
  takes?: number;
  fails?: "connect" | "reset" | "truncated" | "timeout";
}
interface CallCase {
  server?: Step[];
  servers?: Step[][];
  at?: number;
  operation?: Partial<Operation>;
  options?: { max_retries?: number; timeout?: number };
  expect: {
    attempts: string[];
    waits: number[];
    result: "answer" | "error";
    breaker?: string;
    same_idempotency_key?: boolean;
    error?: { status?: number; code?: string; kind?: keyof typeof KINDS };
  };
}
interface PlayedCase {
  name: string;
  policy?: { breaker?: Record<string, number> | null; budget?: Record<string, number> | null };
  operation?: Partial<Operation>;
  options?: { max_retries?: number; timeout?: number };
  random?: number;
  calls: CallCase[];
}

const KINDS = { "circuit-open": CircuitOpenError, timeout: APITimeoutError, connection: APIConnectionError };
const origin = (server: number) => `http://127.0.0.1:${9 + server}`;

/** Runs each case of a file, and remembers that it was run. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what a case of the file is
function each<Case>(file: string, play: (given: Case) => void | Promise<void>): void {
  describe(file, () => {
    for (const given of FILES[file]!.cases) {
      test(given.name, async () => {
        await play(given as unknown as Case);
        run.add(`${file}: ${given.name}`);
      });
    }
  });
}

/** What the servers of a case do, attempt by attempt. */
class Script {
  steps: Step[][] = [];
  asked: number[] = [];
  keys = new Set<string | null>();

  constructor(private readonly clock: VirtualClock) {}

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const server = Number(new URL(url).port) - 9;
    this.asked.push(server);
    this.keys.add(new Headers(init.headers).get("idempotency-key"));
    const step = this.steps[server]?.shift();
    if (!step) throw new Error(`the script of server ${server} has no further step`);
    this.clock.advance((step.takes ?? 0) * 1000);
    switch (step.fails) {
      case "connect":
        throw connectionRefused();
      case "reset":
        throw connectionReset();
      case "timeout":
        throw responseTimeout();
      case "truncated":
        return truncated('{"name":');
      case undefined:
    }
    if (step.status === 200) return Response.json({ name: "a" });
    const { status, code = "some-code" } = step;
    const document = { type: "about:blank", title: "It did not work", status, detail: "It did not work.", code, request_id: "req_1" };
    return new Response(JSON.stringify(document), {
      status: status!,
      headers: { "content-type": "application/problem+json", ...step.headers },
    });
  };
}

function policyOf(given: PlayedCase["policy"]): ResilienceOptions {
  const { breaker, budget } = given ?? {};
  const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  const parts = breaker && {
    consecutive: breaker["consecutive"],
    failureRate: breaker["failure_rate"],
    minCalls: breaker["min_calls"],
    window: milliseconds(breaker["window"]),
    openFor: milliseconds(breaker["open_seconds"]),
    probes: breaker["probes"],
  };
  const known = ["consecutive", "failure_rate", "min_calls", "window", "open_seconds", "probes"];
  expect(known).toEqual(expect.arrayContaining(Object.keys(breaker ?? {})));
  return {
    breaker: parts ? breakerPolicy(Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))) : null,
    budget: budget ?? null,
  };
}

for (const file of PLAYED) {
  each<PlayedCase>(file, async (given) => {
    const clock = new VirtualClock();
    const script = new Script(clock);
    const guards = new Guards(policyOf(given.policy));
    const addresses = Math.max(...given.calls.map((call) => call.servers?.length ?? 1));
    const driver = new Driver({
      connection: { root: `${origin(0)}/api/v1`, apiKey: "pyn_test" },
      further: Array.from({ length: addresses - 1 }, (_, place) => `${origin(place + 1)}/api/v1`),
      guards,
      fetch: script.fetch,
      clock,
      random: () => given.random ?? 1,
    });
    const started = clock.now();
    for (const call of given.calls) {
      const own = { ...given.operation, ...call.operation };
      const op: Operation = {
        id: "getThing",
        method: Object.keys(own).length > 0 ? "POST" : "GET",
        path: "/things/{name}",
        retry: "safe",
        timeout: "normal",
        breaker: "things",
        ...own,
      };
      const limits = { max_retries: 3, timeout: 60, ...given.options, ...call.options };
      if (call.at !== undefined) clock.advance(Math.max(0, started + call.at * 1000 - clock.now()));
      script.steps = (call.servers ?? [call.server ?? []]).map((steps) => [...steps]);
      script.asked = [];
      script.keys.clear();
      clock.slept.length = 0;

      const options = { timeout: limits.timeout * 1000, maxRetries: limits.max_retries };
      const outcome = await driver.call(op, { path: ["a"], options }).catch((error: unknown) => error);
      const wanted = call.expect;
      if (outcome instanceof Error) {
        if (!(outcome instanceof APIError)) throw outcome;
        const error = outcome;
        const told = error.attempts.map((attempt, place) => {
          const what = attempt.status ?? (attempt.outcome === "timeout" ? "timeout" : "connection");
          return addresses > 1 ? `${script.asked[place]} ${what}` : String(what);
        });
        expect(told).toEqual(wanted.attempts);
        const { status, code, kind } = wanted.error ?? {};
        if (status !== undefined) expect(error.status).toBe(status);
        if (code !== undefined) expect(error.code).toBe(code);
        if (kind !== undefined) expect(error).toBeInstanceOf(KINDS[kind]);
      } else {
        expect(outcome).toEqual({ name: "a" });
        expect(script.asked).toHaveLength(wanted.attempts.length);
        if (addresses > 1) expect(script.asked.map(String)).toEqual(wanted.attempts.map((each) => each.split(" ")[0]));
      }
      expect(outcome instanceof Error ? "error" : "answer").toBe(wanted.result);
      expect(clock.slept.map((wait) => wait / 1000)).toEqual(wanted.waits.map((wait) => expect.closeTo(wait, 6) as number));
      expect(script.steps.flat(), "steps of the script that were not played").toEqual([]);
      if (wanted.breaker !== undefined) {
        const found = guards.states(clock.now()).find((each) => each.origin === origin(0) && each.group === op.breaker);
        expect(found?.state).toBe(wanted.breaker);
      }
      if (wanted.same_idempotency_key) {
        expect(script.keys.size).toBe(1);
        expect(script.keys).not.toContain(null);
      }
    }
  });
}

each<{ name: string; value: string | null; seconds: number | null }>("retry_after", ({ value, seconds }) => {
  expect(parseRetryAfter(value, 1_700_000_000_000)).toBe(seconds === null ? undefined : seconds * 1000);
});

each<{ name: string; text: string; redacted: string }>("redaction", ({ text, redacted }) => {
  expect(redact(text)).toBe(redacted);
});

interface PollCase {
  name: string;
  wait?: number;
  remaining: number;
  polls: number;
  took: number;
  random: number;
  pause: number;
}
each<PollCase>("polling", ({ wait, remaining, polls, took, random, pause }) => {
  if (wait !== undefined) expect(pollHold(PATIENT, remaining * 1000)).toBe(wait * 1000);
  else expect(pollPause(PATIENT, polls, took * 1000, () => random)).toBeCloseTo(pause * 1000, 6);
});

interface LocalCase {
  name: string;
  columns: Columns;
  contamination: number | "auto";
  expect: { predictions: number[]; scores: number[]; threshold: number; types: string[]; expected: unknown[]; reasons: string[][] };
}
each<LocalCase>("local", ({ columns, contamination, expect: wanted }) => {
  const found = detectLocally(columns, contamination);
  expect(found.predictions).toEqual(wanted.predictions);
  expect(found.scores).toEqual(wanted.scores.map((score) => expect.closeTo(score, 6) as number));
  expect(found.threshold).toBeCloseTo(wanted.threshold, 5);
  expect(found.columns.map((column) => column.type)).toEqual(wanted.types);
  expect(found.columns.map((column) => column.expected)).toEqual(wanted.expected);
  expect(found.contributions.map((row) => row.map(([name]) => name))).toEqual(wanted.reasons);
});

test("no file of vectors is left out, and the cases of a file have names of their own", () => {
  expect(Object.keys(FILES).sort()).toEqual([...PLAYED, ...TABLES].sort());
  for (const { cases } of Object.values(FILES)) {
    expect(cases.length).toBeGreaterThan(0);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  }
});

// The last of all: the cases before it have run by then, or were left out by a filter as this one is.
test("every case ran to its end", () => {
  const all = Object.entries(FILES).flatMap(([file, { cases }]) => cases.map(({ name }) => `${file}: ${name}`));
  expect(all.filter((name) => !run.has(name))).toEqual([]);
});
