/**
 * Detection with everything that stands behind it: one request, a job where the data are too many for one, and what
 * answers where no server does.
 */
import { tell } from "./resilience/hooks.js";
import { operations } from "./generated/operations.js";
import { wireOptions, type DetectionOptions, type Given } from "./data/options.js";
import { prepareDetection, prepareTable, type Prepared, type Table } from "./data/prepare.js";
import { isRecord } from "./data/rows.js";
import { APIError, ConfigurationError, DataError, PayloadTooLargeError } from "./errors.js";
import type { Schemas } from "./generated/resources.js";
import { Deadline } from "./resilience/deadline.js";
import type { Content } from "./transport/content.js";
import type { Driver } from "./transport/driver.js";
import { DetectionResult } from "./results.js";
import { JobHandle } from "./jobs/handle.js";
import type { CallOptions } from "./transport/options.js";
import { fromFunction, fromRules, mayFallBack, type FallbackStep } from "./fallback.js";

/** What becomes of a detection that is over the server's limit for one request. */
export type Oversize = "job" | "error";

const DATASET_ID = /^dts_[0-9a-f]{32}$/;

/** Asks the server in one request, or in a job, and where no server answers, the steps of the fallback. */
export class Detector {
  constructor(
    private readonly driver: Driver,
    readonly fallback: readonly FallbackStep[],
    readonly oversize: Oversize,
  ) {
    if (!["job", "error"].includes(oversize)) {
      throw new ConfigurationError(`oversize takes 'job' or 'error', not ${JSON.stringify(oversize)}.`);
    }
  }

  /** Find the anomalies among the rows of `data`. */
  async detect(data: unknown, options: DetectionOptions, call: CallOptions, mediaType?: string): Promise<DetectionResult> {
    const prepared = await prepareDetection(data, wireOptions(options), mediaType);
    const began = this.driver.clock.now();
    try {
      return await this.#ask(prepared, call);
    } catch (error) {
      if (error instanceof PayloadTooLargeError && this.oversize === "job" && prepared.content.replayable) {
        return this.#asJob(prepared.table, options, began, call, error);
      }
      if (error instanceof APIError && this.fallback.length > 0 && mayFallBack(error)) {
        return this.#fallBack(data, prepared.table, options, error);
      }
      throw error;
    }
  }

  /** Submit a job over `sources`; what is on this machine is uploaded first, each once. */
  async submit(sources: readonly unknown[], fields: Given, call: CallOptions): Promise<JobHandle> {
    if (!Array.isArray(sources) || sources.length === 0) {
      throw new DataError("There is no data source; give dataSources: [...] with ids of datasets, URLs, paths or tables.");
    }
    const stored = await this.stored(sources, call);
    const job = await this.driver.call<Schemas["Job"]>(operations.batchDetect, {
      body: { ...fields, data_sources: stored },
      options: call,
    });
    return new JobHandle(this.driver, job.job_id, job);
  }

  /** Store a table at the server. */
  upload(content: Content, name: string | undefined, call: CallOptions): Promise<Schemas["Dataset"]> {
    return this.driver.call(operations.uploadDataset, { query: { name: (name ?? content.name)?.slice(-255) }, body: content, options: call });
  }

  async #ask(prepared: Prepared, call: CallOptions): Promise<DetectionResult> {
    const { query, content, table } = prepared;
    const fields = await this.driver.call<Schemas["DetectionResult"]>(operations.detectAnomalies, { query, body: content, options: call });
    return new DetectionResult(fields, table.rows);
  }

  /** The same detection as a job, within what is left of the call's time. */
  async #asJob(
    table: Table,
    options: DetectionOptions,
    began: number,
    call: CallOptions,
    error: PayloadTooLargeError,
  ): Promise<DetectionResult> {
    const { explain_rows: rows, ...fields } = { ...table.options, ...wireOptions(options) };
    const deadline = new Deadline(began, call.timeout ?? Infinity);
    const left = () => ({ ...call, timeout: deadline.remaining(this.driver.clock.now()) || 1 });
    let handle: JobHandle;
    try {
      handle = await this.submit([table.content], fields, left());
    } catch (unusable) {
      if (!(unusable instanceof DataError)) throw unusable;
      error.addNote(`It could not be run as a job either: ${unusable.message}`);
      throw error;
    }
    const found = await handle.result({ timeout: left().timeout, signal: call.signal });
    const detail =
      `The data are over the limit of one request, so they were looked at by job ${handle.jobId}.` +
      (rows === "all" ? " A job explains the anomalous rows alone." : "");
    return new DetectionResult({ ...found.toJSON(), warnings: [...found.warnings, { code: "ran-as-job", detail }] }, table.rows);
  }

  /** The sources as the server knows them; what is on this machine is uploaded, each once. */
  async stored(sources: readonly unknown[], call: CallOptions): Promise<unknown[]> {
    const uploaded = new Map<unknown, string>();
    const known: unknown[] = [];
    for (const source of sources) {
      const key = source instanceof URL ? source.href : source;
      let reference = isReference(source) ? (source instanceof URL ? source.href : source) : uploaded.get(key);
      if (reference === undefined) {
        const content = await prepareTable(source);
        const idempotencyKey = await uploadKey(call.idempotencyKey, uploaded.size);
        const dataset = await this.upload(content, undefined, { ...call, idempotencyKey });
        uploaded.set(key, dataset.dataset_id);
        reference = dataset.dataset_id;
      }
      known.push(reference);
    }
    return known;
  }

  /** The answer of the first step that gives one; the server's error where none does. */
  async #fallBack(data: unknown, table: Table, options: DetectionOptions, error: APIError): Promise<DetectionResult> {
    for (const step of this.fallback) {
      const to = step === "local" ? "local" : "function";
      tell(this.driver.guards.hooks.onFallback, { operationId: operations.detectAnomalies.id, to, error });
      try {
        return step === "local"
          ? await fromRules(table, options, error)
          : await fromFunction(await step(data, error), table, options, error);
      } catch (failed) {
        const words = failed instanceof Error ? `${failed.name}: ${failed.message}` : String(failed);
        error.addNote(`The fallback '${to}' failed: ${words}`);
      }
    }
    throw error;
  }
}

/** Whether the server has a source already, or fetches it: a dataset's id, a URL, or a URL with its credential. */
function isReference(source: unknown): boolean {
  if (typeof source === "string") return !/[\r\n]/.test(source) && (DATASET_ID.test(source) || source.includes("://"));
  if (source instanceof URL) return source.protocol !== "file:";
  return isRecord(source) && typeof source["url"] === "string" && typeof source["credential_id"] === "string";
}

/** The key of the upload `number` that belongs to a submission with a key; undefined where it has none. */
async function uploadKey(key: string | undefined, number: number): Promise<string | undefined> {
  if (key === undefined) return undefined;
  // A hash, because a key of the greatest length leaves no room for the number.
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${key}\0${number}`));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
