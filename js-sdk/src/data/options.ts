/** The options of a detection: camelCase for the caller, the contract's names on the wire. */
import { ConfigurationError } from "../errors.js";
import type { Schemas } from "../generated/resources.js";
import type { CallOptions } from "../transport/options.js";
import { wireName } from "../transport/request.js";

/** How to look for anomalies; the server's default holds for what is left out. */
export interface DetectionOptions {
  /** A trained model, `name`, `name@version` or `name@alias`, that scores the rows instead of one fitted to them. */
  readonly modelId?: string | undefined;
  /** Name or alias of an algorithm; `isolation_forest` where left out. */
  readonly algorithm?: string | undefined;
  /** Expected share of anomalies in (0, 0.5], or `auto`; 0.1 where left out. */
  readonly contamination?: number | "auto" | undefined;
  /** Parameters of the algorithm. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the result has `confidence`, in [0, 1] per row. */
  readonly returnConfidence?: boolean | undefined;
  /** Whether anomalous rows are explained. */
  readonly includeExplanations?: boolean | undefined;
  /** Which rows are explained. */
  readonly explainRows?: "anomalies" | "all" | undefined;
  /** Algorithms that score together, as the algorithm `ensemble`. */
  readonly ensembleMethods?: readonly string[] | undefined;
  /** Columns the model may use; all usable ones where left out. */
  readonly features?: readonly string[] | undefined;
  /** Type of columns by name where the server should not guess. */
  readonly columnTypes?: Schemas["ColumnTypes"] | undefined;
  /** The column that says when each row was measured: the rows are then time series. */
  readonly timestampColumn?: string | undefined;
  /** The column that tells several series in one table apart. */
  readonly seriesColumn?: string | undefined;
  /** Puts an algorithm on rows on sliding windows of ordered rows; a number is their length. */
  readonly windows?: number | Schemas["Windows"] | undefined;
  /** Seed in [0, 2**32 - 1]; the same seed and data give the same scores. */
  readonly randomState?: number | undefined;
}

/** Options of a detection and of the call that carries it. */
export type DetectOptions = DetectionOptions & CallOptions;

/** Options by their names in the contract. */
export type Given = Readonly<Record<string, unknown>>;

const DETECTION: readonly (keyof DetectionOptions)[] = [
  "modelId", "algorithm", "contamination", "parameters", "returnConfidence", "includeExplanations", "explainRows", "ensembleMethods",
  "features", "columnTypes", "timestampColumn", "seriesColumn", "windows", "randomState",
]; // prettier-ignore
const CALL: readonly (keyof CallOptions)[] = ["timeout", "maxRetries", "headers", "idempotencyKey", "signal"];

/**
 * Take one object of options apart into those of the detection, those of the call, and others that the caller of this
 * function knows.
 *
 * @throws ConfigurationError: One is none of these; a misspelt option would otherwise be ignored without a word.
 */
export function apart<Other extends string = never>(
  options: Readonly<Record<string, unknown>>,
  others: readonly Other[] = [],
): { detection: DetectionOptions; call: CallOptions; rest: Partial<Record<Other, unknown>> } {
  const detection: Record<string, unknown> = {};
  const call: Record<string, unknown> = {};
  const rest: Partial<Record<Other, unknown>> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if ((DETECTION as readonly string[]).includes(name)) detection[name] = value;
    else if ((CALL as readonly string[]).includes(name)) call[name] = value;
    else if ((others as readonly string[]).includes(name)) rest[name as Other] = value;
    else {
      const known = [...DETECTION, ...CALL, ...others].sort().join(", ");
      throw new ConfigurationError(`There is no option '${name}'; there are ${known}. Those of an algorithm go into parameters.`);
    }
  }
  return { detection, call, rest };
}

/** The options that were given, by their names in the contract. */
export function wireOptions(options: DetectionOptions): Given {
  const given: Record<string, unknown> = {};
  for (const name of DETECTION) {
    const value = options[name];
    if (value === undefined || (name === "parameters" && Object.keys(value).length === 0)) continue;
    given[wireName(name)] = name === "windows" && typeof value === "number" ? { length: value } : value;
  }
  return given;
}

/**
 * The options of a call over the client's defaults, whose parameters are for its own algorithm alone; they say nothing of
 * a model that is fitted already.
 */
export function withDefaults(options: DetectionOptions, defaults: DetectionOptions): DetectionOptions {
  if (options.modelId !== undefined) return options;
  const same = (options.algorithm ?? defaults.algorithm) === defaults.algorithm && !options.ensembleMethods?.length;
  return {
    ...defaults,
    ...options,
    parameters: { ...(same ? defaults.parameters : {}), ...options.parameters },
  };
}
