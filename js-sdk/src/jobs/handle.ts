/** A job in the caller's hand: wait for it, watch it, cancel it, fetch its result. */
import { APIConnectionError, APIError, CircuitOpenError, DataError } from "../errors.js";
import { operations } from "../generated/operations.js";
import { classes, type JobsResource, type Schemas } from "../generated/resources.js";
import { Deadline } from "../resilience/deadline.js";
import { PATIENT, pollHold, pollPause, WATCHED, type PollPolicy } from "../resilience/polling.js";
import type { DetectionResult, RowResult } from "../results.js";
import type { Body, Driver } from "../transport/driver.js";
import { mayPass } from "../transport/fault.js";
import type { CallOptions } from "../transport/options.js";
import type { Resource } from "../transport/resource.js";
import type { ServerEvent } from "../transport/sse.js";
import { rowResult, wholeResult } from "./collect.js";
import { standing, stillRunning } from "./states.js";
import { readToken, writeToken } from "./token.js";

type Job = Schemas["Job"];
type Page = Schemas["JobResultPage"];

/** Formats that a whole result can be downloaded in. */
export type ResultFormat = "ndjson" | "csv" | "parquet" | "excel";

const PAGE = 1000;
const MEDIA_TYPES: Readonly<Record<ResultFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv",
  parquet: "application/vnd.apache.parquet",
  excel: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
/** How long to wait for a job. */
export interface WaitOptions {
  /** Milliseconds at most; until the job ends where left out, as long as the server does not stay away for two minutes. */
  readonly timeout?: number | undefined;
  /** Ends the waiting; the job goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Told the job at each look, about once a second. */
  readonly onProgress?: ((job: Job) => void) | undefined;
  /** Whether to show how far it is: a bar in a terminal, lines on standard error elsewhere. */
  readonly progress?: boolean | undefined;
}

/** Which rows of a result. */
export interface RowsOptions {
  /** `anomalies` for the rows predicted anomalous alone. */
  readonly only?: "all" | "anomalies" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One job. */
export class JobHandle {
  readonly #driver: Driver;
  #job: Job | undefined;

  /** @internal */
  constructor(
    driver: Driver,
    /** Id of the job. */
    readonly jobId: string,
    job?: Job,
  ) {
    this.#driver = driver;
    this.#job = job;
  }

  /** State as last seen: `queued`, `running`, `succeeded`, `failed` or `cancelled`; undefined before the first look. */
  get state(): string | undefined {
    return this.#job?.state;
  }

  /** Progress as last seen: `done`, `total` and `stage`; undefined before the first look. */
  get progress(): Schemas["JobProgress"] | undefined {
    return this.#job?.progress;
  }

  /** A line of text that takes the job up in another process: `client.jobs.resume(token)`. It holds no key. */
  toToken(): string {
    return writeToken(this.jobId, this.#driver.root);
  }

  /** Ask the server for the job. */
  status(options?: CallOptions): Promise<Job> {
    return this.#look(0, options);
  }

  /**
   * Ask the server to stop the job; a running one stops within a second or two.
   *
   * @throws ConflictError: The job has ended already.
   */
  async cancel(options?: CallOptions): Promise<Job> {
    this.#job = await this.#driver.call<Job>(operations.cancelJob, { path: [this.jobId], options });
    return this.#job;
  }

  /**
   * Wait until the job has succeeded; a server that restarts meanwhile does no harm.
   *
   * @throws JobFailedError: The job failed.
   * @throws JobCancelledError: It was cancelled.
   * @throws APITimeoutError: The time is up; the job goes on.
   * @throws UnknownJobStateError: The server names a state that this version does not know.
   */
  async wait(options: WaitOptions = {}): Promise<Job> {
    if (!options.progress) return this.#wait(options);
    const { ProgressBar } = await import("./progress.js");
    const bar = new ProgressBar();
    const shown = (job: Job) => {
      bar.update(job, this.#driver.clock.now());
      options.onProgress?.(job);
    };
    return this.#wait({ ...options, onProgress: shown }).finally(() => {
      bar.close();
    });
  }

  async #wait({ timeout = Infinity, signal, onProgress }: WaitOptions): Promise<Job> {
    const { clock, random } = this.#driver;
    const deadline = new Deadline(clock.now(), timeout);
    const pace = onProgress ? WATCHED : PATIENT;
    let reached = clock.now();
    let polls = 0;
    let error: APIError | undefined;
    for (;;) {
      const began = clock.now();
      if (deadline.passed(began)) throw stillRunning(this.jobId, this.#job, deadline.timeout, error);
      const remaining = deadline.remaining(began);
      const hold = pollHold(pace, remaining);
      try {
        const job = await this.#look(hold, { timeout: Math.min(hold + 10_000, remaining), maxRetries: 0, signal });
        error = undefined;
        reached = clock.now();
        onProgress?.(job);
        const found = standing(job);
        if (found.over && found.error) throw found.error;
        if (found.over) return job;
      } catch (caught) {
        error = worthAnother(caught, deadline, clock.now() - reached, pace, error);
      }
      const took = clock.now() - began;
      polls = error || took < hold / 2 ? polls + 1 : 1;
      const pause = pollPause(pace, polls, took, random);
      await clock.sleep(Math.min(pause, deadline.remaining(clock.now())), signal);
    }
  }

  /** Wait for the job and fetch its whole result; for many rows `rows` needs less memory. See `wait` for the errors. */
  async result(options: WaitOptions = {}): Promise<DetectionResult> {
    await this.wait(options);
    const pages: Page[] = [];
    for await (const page of this.#pages(options)) pages.push(page);
    return wholeResult(pages);
  }

  /**
   * The rows of the result in the order of the data, fetched page by page.
   *
   * @throws ConflictError: The job has not succeeded yet; call `wait` first.
   */
  async *rows(options: RowsOptions = {}): AsyncGenerator<RowResult, void, undefined> {
    for await (const page of this.#pages(options)) yield* page.items.map(rowResult);
  }

  /**
   * What happens to the job as it happens, until it ends.
   *
   * @param options - `lastEventId` takes a broken stream up after that event.
   * @throws APIConnectionError: The connection was lost, or the server stopped before the job had ended.
   */
  async *events(options: CallOptions & { readonly lastEventId?: string } = {}): AsyncGenerator<ServerEvent<Job>, void, undefined> {
    const { lastEventId, ...call } = options;
    const headers = { "Last-Event-ID": lastEventId };
    let job: Job | undefined;
    for await (const event of this.#driver.events<Job>(operations.streamJobEvents, { path: [this.jobId], headers, options: call })) {
      job = event.data;
      yield event;
    }
    // A server that is told to stop ends its streams in order.
    if (["queued", "running"].includes((job ?? (await this.status())).state)) {
      throw new APIConnectionError(`The stream of events ended before job ${this.jobId} did; go on behind the last one with lastEventId.`);
    }
  }

  /** The whole result as it arrives, in a format; neither side holds it in memory. */
  stream(format: ResultFormat, options: RowsOptions = {}): Promise<Body> {
    const accept = (MEDIA_TYPES as Partial<Record<string, string>>)[format];
    if (accept === undefined) {
      throw new DataError(`Results are not given as '${format}'; take ${Object.keys(MEDIA_TYPES).join(", ")}.`);
    }
    const { only, signal } = options;
    return this.#driver.stream(operations.getJobResult, { path: [this.jobId], query: { only }, options: { signal }, accept });
  }

  /**
   * Write the whole result to a file, which appears when it is whole; one of that name is replaced. Node alone.
   *
   * @param path - Where it goes.
   * @param options - `format`, where the suffix does not say it.
   * @returns The absolute path.
   */
  async download(path: string, options: RowsOptions & { readonly format?: ResultFormat } = {}): Promise<string> {
    const { download } = await import("./download.js");
    return download(path, options.format, (format) => this.stream(format, options));
  }

  async *#pages({ only, signal }: RowsOptions): AsyncGenerator<Page, void, undefined> {
    let cursor: string | undefined;
    do {
      const page: Page = await this.#driver.call<Page>(operations.getJobResult, {
        path: [this.jobId],
        query: { limit: PAGE, cursor, only },
        options: { signal },
      });
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async #look(hold: number, options: CallOptions | undefined): Promise<Job> {
    this.#job = await this.#driver.call<Job>(operations.getJobStatus, {
      path: [this.jobId],
      query: { wait: hold > 0 ? hold / 1000 : undefined },
      options,
    });
    return this.#job;
  }
}

const JobsBase = classes["jobs"] as unknown as new (driver: Driver) => Resource & JobsResource;

/** The jobs of this key. */
export class Jobs extends JobsBase {
  /**
   * Take up a job again.
   *
   * @param token - What `toToken` returned, or a job id.
   */
  resume(token: string): JobHandle {
    return new JobHandle(this._driver, readToken(token, this._driver.root));
  }

  /**
   * Each job as it ends, whether it succeeded, failed or was cancelled.
   *
   * @throws APITimeoutError: The time is up; the jobs go on.
   */
  async *asCompleted(
    handles: Iterable<JobHandle>,
    options: Pick<WaitOptions, "timeout" | "signal"> = {},
  ): AsyncGenerator<JobHandle, void, undefined> {
    const { clock, random } = this._driver;
    const { signal } = options;
    const deadline = new Deadline(clock.now(), options.timeout ?? Infinity);
    const pending = new Set(handles);
    let reached = clock.now();
    let rounds = 0;
    let error: APIError | undefined;
    while (pending.size > 0) {
      let ended = 0;
      for (const handle of [...pending]) {
        if (deadline.passed(clock.now())) throw stillRunning(handle.jobId, undefined, deadline.timeout, error);
        try {
          const job = await handle.status({ signal });
          reached = clock.now();
          if (!standing(job).over) continue;
        } catch (caught) {
          error = worthAnother(caught, deadline, clock.now() - reached, PATIENT, undefined);
          continue;
        }
        pending.delete(handle);
        ended += 1;
        yield handle;
      }
      rounds = ended > 0 ? 1 : rounds + 1;
      const pause = pollPause(PATIENT, rounds, 0, random);
      if (pending.size > 0) await clock.sleep(Math.min(pause, deadline.remaining(clock.now())), signal);
    }
  }
}

/** The error to remember where another look may do better; throws where it may not. */
function worthAnother(
  caught: unknown,
  deadline: Deadline,
  away: number,
  pace: PollPolicy,
  before: APIError | undefined,
): APIError {
  if (!(caught instanceof APIError) || !mayPass(caught)) throw caught;
  if (deadline.timeout === Infinity && away > pace.patience) throw caught;
  // That the breaker is open says less than what opened it.
  return caught instanceof CircuitOpenError ? (before ?? caught) : caught;
}
