/** The client: the promised verbs, and every operation of the contract as `client.<tag>.<operation>()`. */
import { prepareTable, type DetectionData, type TableData } from "./data/prepare.js";
import { Detector, type Oversize } from "./detector.js";
import { ConfigurationError } from "./errors.js";
import { fallbackSteps, type Fallback } from "./fallback.js";
import { Resources, type Schemas } from "./generated/resources.js";
import { Models, type PredictOptions, type TrainedModel, type TrainingData, type TrainOptions } from "./models.js";
import { Jobs, type JobHandle } from "./jobs/handle.js";
import { findConnection, furtherRoots, type Identity } from "./connection.js";
import { Driver, type Fetch } from "./transport/driver.js";
import type { BreakerState } from "./resilience/breaker.js";
import { Guards, type ResilienceOptions } from "./resilience/guards.js";
import type { Hooks } from "./resilience/hooks.js";
import type { Login } from "./login.js";
import type { DetectionResult, RowResult } from "./results.js";
import type { Clock } from "./transport/clock.js";
import { apart, wireOptions, withDefaults, type DetectionOptions, type DetectOptions } from "./data/options.js";
import type { CallOptions } from "./transport/options.js";

/** What a client is made with. Every duration of this package is in milliseconds. */
export interface ClientOptions extends ResilienceOptions, Hooks {
  /** The API key; else `PYNOMALY_API_KEY`, else the session of `pynomaly login`, else the key that `pynomaly serve` writes. */
  readonly apiKey?: string | undefined;
  /** A user who logs in with `password` before the first call, instead of a key; the access token is renewed before it ends. */
  readonly username?: string | undefined;
  /** The password of that user. */
  readonly password?: string | undefined;
  /** Name or id of that user's tenant; the server's first where left out. */
  readonly tenant?: string | undefined;
  /** Address of the server, which may end in `/v1` or `/api/v1`; else `PYNOMALY_BASE_URL`, else that of session or profile. */
  readonly baseUrl?: string | undefined;
  /** Further addresses of the same installation, asked in turn with the same key where the one before does not answer. */
  readonly baseUrls?: readonly string[] | undefined;
  /**
   * Milliseconds that a call may take, attempts and waits included; each operation's own default (10, 30 or 120 s) where
   * left out, `Infinity` for no limit.
   */
  readonly timeout?: number | undefined;
  /** Further attempts after the first where an operation may be repeated; 3 where left out, 0 for none. */
  readonly maxRetries?: number | undefined;
  /** Further headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * What answers a detection where no server does: `"local"` for robust rules on this machine, a function, or an array
   * of such steps. A request that the server refuses (4xx) is never answered so.
   */
  readonly fallback?: Fallback | undefined;
  /** What becomes of a detection over the server's limit for one request: `"job"` runs one and waits, `"error"` throws. */
  readonly oversize?: Oversize | undefined;
  /** A `fetch` of one's own, for proxies, certificates or tests; the global one where left out. */
  readonly fetch?: Fetch | undefined;
  /** A clock of one's own, for tests. */
  readonly clock?: Clock | undefined;
  /** Default algorithm of detections. */
  readonly algorithm?: string | undefined;
  /** Default contamination of detections. */
  readonly contamination?: number | "auto" | undefined;
  /** Default parameters of that algorithm. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** What a client may do differently from the one it is made of. */
export type OtherOptions = Pick<ClientOptions, "timeout" | "maxRetries" | "headers" | "fallback" | "oversize">;

/** A batch detection: where the rows are, and how to look at them. */
export interface BatchOptions extends DetectOptions {
  /**
   * Ids of datasets, `https://` URLs, objects of `url` and `credential_id`, paths of local files, or tables as
   * `detectAnomalies` takes them; files and tables are uploaded first, each once.
   */
  readonly dataSources: readonly (TableData | Schemas["RemoteSource"])[];
  /** Format of the result for whoever fetches it without naming one. */
  readonly outputFormat?: "json" | "ndjson" | "csv" | "parquet" | "excel" | undefined;
}

/** How data that do not say it are written. */
export interface MediaOption {
  /** Media type of a stream of bytes, or of text or a file whose name does not tell it. */
  readonly mediaType?: string | undefined;
}

const OPTIONS: readonly (keyof ClientOptions)[] = [
  "apiKey", "username", "password", "tenant", "baseUrl", "baseUrls", "timeout", "maxRetries", "headers", "fallback", "oversize", "fetch", "clock",
  "algorithm", "contamination", "parameters", "breaker", "budget", "maxConcurrent", "hedgeAfter", "onRequest", "onRetry",
  "onBreaker", "onFallback",
]; // prettier-ignore

/**
 * Talks to a Pynomaly server.
 *
 * ```js
 * const client = new PynomalyClient({ apiKey: "pyn_…", baseUrl: "https://pynomaly.example.com" });
 * const result = await client.detectAnomalies([[1.0], [1.1], [0.9], [9.5]]);
 * ```
 */
export class PynomalyClient extends Resources {
  /** The jobs of this key; also takes up a job again (`resume`) and waits for several (`asCompleted`). */
  declare readonly jobs: Jobs;
  /** The models of this tenant; also trains them, scores with them, and takes one into the hand (`use`). */
  declare readonly models: Models;
  readonly #driver: Driver;
  readonly #detector: Detector;
  readonly #defaults: DetectionOptions;
  readonly #login: (() => Promise<Login>) | undefined;

  /**
   * @throws ConfigurationError: No key is found, the address is unusable, or an option is none.
   */
  constructor(options: ClientOptions = {}) {
    const parts = options instanceof Parts ? options : assembled(options);
    super(parts.driver);
    this.jobs = new Jobs(parts.driver);
    this.models = new Models(parts.driver, parts.detector);
    this.#driver = parts.driver;
    this.#detector = parts.detector;
    this.#defaults = parts.defaults;
    this.#login = parts.login;
  }

  /** Address of the server up to and including `/api/v1`. */
  get root(): string {
    return this.#driver.root;
  }

  /** Where each circuit breaker stands, by origin and group of operations; only those that were in use are listed. */
  get breakers(): { origin: string; group: string; state: BreakerState }[] {
    return this.#driver.guards.states(this.#driver.clock.now());
  }

  /** Close every circuit breaker and fill the retry budget. */
  resetBreakers(): void {
    this.#driver.guards.reset();
  }

  /** A client with other defaults that shares this one's breakers, budget and bound on concurrent attempts. */
  withOptions(options: OtherOptions): PynomalyClient {
    const driver = this.#driver.withOptions(options);
    const steps = options.fallback === undefined ? this.#detector.fallback : fallbackSteps(options.fallback);
    const detector = new Detector(driver, steps, options.oversize ?? this.#detector.oversize);
    // A client of the caller's own class makes another of that class.
    const Client = this.constructor as typeof PynomalyClient;
    return new Client(new Parts(driver, detector, this.#defaults, this.#login) as ClientOptions);
  }

  /**
   * Find the anomalies among the rows of `data`.
   *
   * @param data - Rows (arrays or objects), columns by name, a typed array or `Matrix`, CSV text, the path of a CSV, TSV,
   *   Parquet, JSON, NDJSON, Arrow or NPY file, a Blob, a stream of bytes or of row objects, or a whole request as the
   *   contract says it.
   * @param options - Of the detection and of the call.
   * @throws DataError: The data cannot be sent; the message names the place.
   * @throws UnprocessableEntityError: The server cannot use the data or an option.
   * @throws APIError: No usable answer came.
   */
  async detectAnomalies(data: DetectionData, options: DetectOptions & MediaOption = {}): Promise<DetectionResult> {
    const { detection, call, rest } = apart({ ...options }, ["mediaType"]);
    return this.#detector.detect(data, withDefaults(detection, this.#defaults), call, rest.mediaType as string | undefined);
  }

  /**
   * Detect as `detectAnomalies` does, with one result per row: `row.score`, `row.prediction`, `row.explanation`. Every
   * row is explained unless `includeExplanations` is false.
   */
  async detectAnomaliesBatch(data: DetectionData, options: DetectOptions & MediaOption = {}): Promise<RowResult[]> {
    const explained = options.includeExplanations ?? true;
    const explain: DetectionOptions = explained ? { includeExplanations: true, explainRows: "all" } : {};
    return (await this.detectAnomalies(data, { ...explain, ...options })).rows();
  }

  /**
   * Submit a detection over stored datasets as a job.
   *
   * @param options - `dataSources`, and how to look at their rows; `idempotencyKey` makes a repeated submission safe, its
   *   uploads included.
   * @throws DataError: There is no data source, or one cannot be sent.
   */
  async batchDetect(options: BatchOptions): Promise<JobHandle> {
    const { detection, call, rest } = apart({ ...options }, ["dataSources", "outputFormat"]);
    const fields = {
      ...wireOptions(withDefaults(detection, this.#defaults)),
      ...(rest.outputFormat !== undefined && { output_format: rest.outputFormat }),
    };
    return this.#detector.submit((rest.dataSources ?? []) as readonly unknown[], fields, call);
  }

  /**
   * Store a table at the server, for any number of jobs to read.
   *
   * @param data - As `detectAnomalies` takes it; files are streamed.
   * @param options - `name` for people (a file's own where left out), and those of the call.
   */
  async uploadDataset(
    data: TableData,
    options: CallOptions & MediaOption & { readonly name?: string | undefined } = {},
  ): Promise<Schemas["Dataset"]> {
    const { mediaType, name, ...call } = options;
    return this.#detector.upload(await prepareTable(data, mediaType), name, call);
  }

  /**
   * Train a model and wait for it; it is the next version of the model of this name. `client.models.submit` has it trained
   * without waiting.
   *
   * @param data - A table as `detectAnomalies` takes it, which is uploaded, or the id of a dataset, or a URL.
   * @param options - `modelName`, `labelColumn`, how to fit, and of the call; `timeout` bounds all of it together, and where
   *   left out the training is waited for.
   * @returns The version, to score with: `model.predict(rows)`.
   * @throws DataError: The data cannot be sent.
   * @throws JobFailedError: The training failed.
   * @throws APITimeoutError: The time is up; the training goes on.
   */
  async trainModel(data: TrainingData, options: TrainOptions = {}): Promise<TrainedModel> {
    const { detection, call, rest } = apart({ ...options }, ["modelName", "labelColumn", "onProgress", "progress"]);
    const { modelName: name, labelColumn: label_column, ...watch } = rest;
    const fields = {
      ...wireOptions(withDefaults(detection, this.#defaults)),
      ...(name !== undefined && { name }),
      ...(label_column !== undefined && { label_column }),
    };
    return this.models.train(data, fields, call, watch as TrainOptions);
  }

  /** Train a model with the client's own algorithm and parameters and wait for it, as `trainModel` does. */
  fit(data: TrainingData, options?: TrainOptions): Promise<TrainedModel> {
    return this.trainModel(data, options);
  }

  /**
   * Score rows with a model, each from itself alone.
   *
   * @param model - Name or id of the model for its newest version, `name@3` for a certain one, `name@production` for the
   *   one that an alias points at; or what `trainModel` and `fit` return.
   * @param data - Rows with the columns that the model was trained with, as `detectAnomalies` takes them.
   * @throws NotFoundError: There is no such model.
   * @throws UnprocessableEntityError: The rows are not of the columns that the model was trained with.
   */
  predictWithModel(model: string | TrainedModel, data: DetectionData, options?: PredictOptions): Promise<DetectionResult> {
    return this.models.predict(model, data, options);
  }

  /** Score rows with a model, as `predictWithModel` does. */
  predict(model: string | TrainedModel, data: DetectionData, options?: PredictOptions): Promise<DetectionResult> {
    return this.predictWithModel(model, data, options);
  }

  /** End the session of the user; nothing happens for an API key. */
  async logOut(): Promise<void> {
    await (await this.#login?.())?.logOut();
  }

  /** A job as it is now: `state`, `progress`, `error` and times. */
  getJobStatus(jobId: string, options?: CallOptions): Promise<Schemas["Job"]> {
    return this.jobs.getJobStatus(jobId, {}, options);
  }

  /** How the server and its parts are. */
  healthCheck(options?: CallOptions): Promise<Schemas["Health"]> {
    return this.system.healthCheck(options);
  }
}

/** What a client is made of that shares another's. */
class Parts {
  constructor(
    readonly driver: Driver,
    readonly detector: Detector,
    readonly defaults: DetectionOptions,
    readonly login: (() => Promise<Login>) | undefined,
  ) {}
}

function assembled(options: ClientOptions): Parts {
  checkNames(options);
  const { fetch, clock, algorithm, contamination, parameters } = options;
  // Not the options themselves: hooks are shown where a client is printed, and a secret is among those.
  const { onRequest, onRetry, onBreaker, onFallback } = options;
  const connection = findConnection(options);
  const further = furtherRoots(options.baseUrls ?? []);
  const carried = { connection, further, fetch, ...(clock && { clock }) };
  const login = connection.who === undefined ? undefined : lateLogin(new Driver(carried), connection.who);
  const driver = new Driver({
    ...carried,
    options,
    guards: new Guards(options, { onRequest, onRetry, onBreaker, onFallback }),
    bearer: login,
  });
  const detector = new Detector(driver, fallbackSteps(options.fallback), options.oversize ?? "job");
  return new Parts(driver, detector, { algorithm, contamination, parameters }, login);
}

/** Who keeps the user logged in, from the first call on. */
function lateLogin(driver: Driver, who: Identity | string): () => Promise<Login> {
  let login: Promise<Login> | undefined;
  const begun = async () => {
    const [{ Login }, { SessionFile }] = await Promise.all([import("./login.js"), import("./session.js")]);
    return new Login(driver, typeof who === "string" ? new SessionFile(who) : who);
  };
  return () => (login ??= begun());
}

function checkNames(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError("A client is made with an object: new PynomalyClient({ apiKey, baseUrl }).");
  }
  for (const name of Object.keys(options)) {
    if (!(OPTIONS as readonly string[]).includes(name)) {
      throw new ConfigurationError(`A client has no option '${name}'; it has ${[...OPTIONS].sort().join(", ")}.`);
    }
  }
}
