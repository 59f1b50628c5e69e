/** Models: detectors that are trained once, kept in versions at the server, and score by name. */
import { apart, wireOptions, type DetectionOptions, type Given } from "./data/options.js";
import { prepareDetection, type DetectionData, type TableData } from "./data/prepare.js";
import type { Detector } from "./detector.js";
import { APIResponseError, ConfigurationError, DataError } from "./errors.js";
import { operations } from "./generated/operations.js";
import { classes, type ModelsResource, type Schemas } from "./generated/resources.js";
import { JobHandle, type WaitOptions } from "./jobs/handle.js";
import { Deadline } from "./resilience/deadline.js";
import { DetectionResult } from "./results.js";
import type { Driver } from "./transport/driver.js";
import type { CallOptions } from "./transport/options.js";
import type { Resource } from "./transport/resource.js";

/** Rows to train with: a table as `detectAnomalies` takes it, which is uploaded, or the id of a dataset, or a URL. */
export type TrainingData = TableData | Schemas["RemoteSource"];

/** How a model is trained, and how the training is waited for. */
export interface TrainOptions
  extends Pick<
      DetectionOptions,
      "algorithm" | "contamination" | "parameters" | "ensembleMethods" | "features" | "columnTypes" | "randomState"
    >,
    CallOptions {
  /** Name of the model, in lower case; a new one where left out. */
  readonly modelName?: string | undefined;
  /** A column that says of rows whether they are anomalous: it makes the version's metrics, and the model never sees it. */
  readonly labelColumn?: string | undefined;
  /** Told the job of the training at each look, about once a second. */
  readonly onProgress?: WaitOptions["onProgress"];
  /** Whether to show how far the training is, as `wait` of a job does. */
  readonly progress?: boolean | undefined;
}

/** How rows are scored with a model. */
export interface PredictOptions
  extends Pick<DetectionOptions, "returnConfidence" | "includeExplanations" | "explainRows">,
    CallOptions {
  /** Media type of a stream of bytes, or of text or a file whose name does not tell it. */
  readonly mediaType?: string | undefined;
}

const ModelsBase = classes["models"] as unknown as new (driver: Driver) => Resource & ModelsResource;

/** Trains models, lists them, and scores with them. */
export class Models extends ModelsBase {
  readonly #detector: Detector;

  /** @internal */
  constructor(driver: Driver, detector: Detector) {
    super(driver);
    this.#detector = detector;
  }

  /**
   * A model in the caller's hand; nothing is asked for it yet.
   *
   * @param reference - Its name or id for the newest version, `name@3` for a certain one, `name@production` for the one
   *   that an alias points at.
   */
  use(reference: string): TrainedModel {
    return new TrainedModel(this, reference);
  }

  /**
   * Have a model trained in the background; `trainModel` of the client waits for it.
   *
   * @param data - The rows.
   * @param fields - Of `TrainingRequest`; a name is made where there is none.
   * @throws DataError: The data cannot be sent.
   */
  async submit(data: TrainingData, fields: Given = {}, call: CallOptions = {}): Promise<JobHandle> {
    const stored = await this.#detector.stored([data], call);
    const name = `model-${crypto.randomUUID().slice(-12)}`;
    const body = { name, ...fields, data_sources: stored };
    const job = await this._driver.call<Schemas["Job"]>(operations.trainModel, { body, options: call });
    return new JobHandle(this._driver, job.job_id, job);
  }

  /** Have a model trained, and wait for it; see `trainModel` of the client. */
  async train(
    data: TrainingData,
    fields: Given,
    call: CallOptions,
    watch: Pick<WaitOptions, "onProgress" | "progress">,
  ): Promise<TrainedModel> {
    const { clock } = this._driver;
    const deadline = new Deadline(clock.now(), call.timeout ?? Infinity);
    const handle = await this.submit(data, fields, call);
    // The last look may come at the very end of the time.
    const timeout = Math.max(deadline.remaining(clock.now()), 1);
    const { model, job_id: id } = await handle.wait({ ...watch, timeout, signal: call.signal });
    if (!model) throw new APIResponseError(`The job ${id} succeeded, but names no model that it made.`);
    return this.use(`${model.name}@${model.version}`);
  }

  /** Score rows with a model; see `predictWithModel` of the client. */
  async predict(model: string | TrainedModel, data: DetectionData, options: PredictOptions = {}): Promise<DetectionResult> {
    const { detection, call, rest } = apart({ ...options }, ["mediaType"]);
    const { query, content, table } = await prepareDetection(data, wireOptions(detection), rest.mediaType as string | undefined);
    const path = [String(model)];
    const fields = await this._driver.call<Schemas["DetectionResult"]>(operations.predictWithModel, { path, query, body: content, options: call });
    return new DetectionResult(fields, table.rows);
  }
}

/** A model, or one version of it. */
export class TrainedModel {
  readonly #models: Models;

  /** @internal */
  constructor(
    models: Models,
    /** `name`, `name@version` or `name@alias`. */
    readonly reference: string,
  ) {
    if (!reference) throw new ConfigurationError("A model has a name; give name, name@version or name@alias.");
    this.#models = models;
  }

  toString(): string {
    return this.reference;
  }

  /** Name of the model, or its id where it was named by that. */
  get name(): string {
    return this.reference.split("@", 1)[0]!;
  }

  /** Score rows, each from itself alone; see `predictWithModel` of the client. */
  predict(data: DetectionData, options?: PredictOptions): Promise<DetectionResult> {
    return this.#models.predict(this, data, options);
  }

  /**
   * Number of the version that scores now: a certain one, an alias's, or the newest.
   *
   * @throws NotFoundError: There is no such model or alias.
   * @throws DataError: Every version of the model is deleted.
   */
  async version(): Promise<number> {
    const { name } = this;
    const which = this.reference.slice(name.length + 1);
    if (/^\d+$/.test(which)) return Number(which);
    if (which && which !== "latest") return (await this.#models.getModelAlias(name, which)).version;
    const { latest_version: newest } = await this.#models.getModel(name);
    if (newest === null) throw new DataError(`Every version of the model '${name}' is deleted; train another.`);
    return newest;
  }

  /** What that version was made of and what it is; throws as `version` does. */
  async describe(): Promise<Schemas["ModelVersion"]> {
    return this.#models.getModelVersion(this.name, await this.version());
  }

  /** Point an alias, such as `production`, at that version, at once for all callers; throws as `version` does. */
  async setAlias(alias: string): Promise<Schemas["ModelAlias"]> {
    return this.#models.setModelAlias(this.name, alias, { version: await this.version() });
  }

  /**
   * Delete that version, or the model with every version where none is named.
   *
   * @throws ConflictError: An alias points at it.
   */
  async delete(): Promise<void> {
    if (this.reference === this.name) await this.#models.deleteModel(this.name);
    else await this.#models.deleteModelVersion(this.name, await this.version());
  }
}
