/**
 * What answers a detection where no server does: a function of the caller's, or the rules of `local.ts`.
 *
 * A request that the server refuses is never answered by anything else: the fault is the request's.
 */
import type { DetectionOptions } from "./data/options.js";
import type { Table } from "./data/prepare.js";
import { APIStatusError, ConfigurationError, DataError, type APIError } from "./errors.js";
import type { Schemas } from "./generated/resources.js";
import { detectLocally, LOCAL_ALGORITHM, type Columns, type LocalColumn, type LocalDetection } from "./local.js";
import { DetectionResult } from "./results.js";
import { mayPass } from "./transport/fault.js";

/** Gives a `DetectionResult`, or one score in [0, 1] per row. */
export type FallbackFunction = (
  data: unknown,
  error: APIError,
) => DetectionResult | Iterable<number> | Promise<DetectionResult | Iterable<number>>;
/** One way to answer without a server. */
export type FallbackStep = "local" | FallbackFunction;
/** What answers where no server does; several are tried in turn. */
export type Fallback = FallbackStep | readonly FallbackStep[];

const DEFAULT_CONTAMINATION = 0.1;

/** The steps of a `fallback` option in their order. */
export function fallbackSteps(fallback: Fallback | undefined): readonly FallbackStep[] {
  if (fallback === undefined) return [];
  const steps: readonly unknown[] = Array.isArray(fallback) ? fallback : [fallback];
  for (const step of steps) {
    if (step !== "local" && typeof step !== "function") {
      throw new ConfigurationError(`fallback takes 'local', a function, or an array of them, not ${JSON.stringify(step)}.`);
    }
  }
  return steps as readonly FallbackStep[];
}

/** Whether something else may answer: the server could not be reached, is overloaded or failed. */
export function mayFallBack(error: APIError): boolean {
  return mayPass(error) && !(error instanceof APIStatusError && error.status === 409);
}

/** The result of what a caller's function gave. */
export async function fromFunction(
  value: DetectionResult | Iterable<number>,
  table: Table,
  options: DetectionOptions,
  error: APIError,
): Promise<DetectionResult> {
  const why = reason(error, "a function of this program answered");
  if (value instanceof DetectionResult) {
    return new DetectionResult({ ...value.toJSON(), source: "fallback", warnings: [...value.warnings, why] }, table.rows);
  }
  if (typeof value !== "object" || !(Symbol.iterator in value)) {
    throw new DataError("The function of fallback must return a DetectionResult or one score in [0, 1] per row.");
  }
  const scores = [...value];
  const columns = Object.values(await table.columns());
  const rows = columns[0]?.length ?? 0;
  if (scores.length !== rows || !scores.every((score) => score >= 0 && score <= 1)) {
    throw new DataError(`The function of fallback must return one score in [0, 1] for each of the ${rows} rows.`);
  }
  return result(scores, 0.5, options, [], undefined, "fallback_function", why, 0, table.rows);
}

/** The result of the local rules. */
export async function fromRules(table: Table, options: DetectionOptions, error: APIError): Promise<DetectionResult> {
  const began = performance.now();
  const columns = chosen(await table.columns(), options);
  const found = detectLocally(columns, options.contamination ?? DEFAULT_CONTAMINATION);
  const explanations = options.includeExplanations ? explained(found, columns, options) : undefined;
  const why = reason(error, "robust rules on this machine answered (median and MAD, quartiles, rare categories)");
  const took = performance.now() - began;
  return result(found.scores, found.threshold, options, found.columns, explanations, LOCAL_ALGORITHM, why, took, table.rows);
}

function reason(error: APIError, instead: string): Schemas["Warning"] {
  return { code: "fallback", detail: `No server answered, so ${instead}. ${error.name}: ${error.message}` };
}

/** The columns that the rules look at. */
function chosen(columns: Columns, options: DetectionOptions): Columns {
  const types: Record<string, string> = { ...options.columnTypes };
  for (const name of [options.timestampColumn, options.seriesColumn]) if (name !== undefined) types[name] = "identifier";
  const left = Object.entries(columns)
    .filter(([name]) => options.features?.includes(name) ?? true)
    .filter(([name]) => !["identifier", "text", "datetime"].includes(types[name] ?? ""))
    .map(([name, values]): [string, readonly unknown[]] => [
      name,
      types[name] === "categorical" ? values.map((value) => asCategory(value)) : values,
    ]);
  return Object.fromEntries(left);
}

function asCategory(value: unknown): unknown {
  return value === null || value === undefined ? value : String(value);
}

function explained(found: LocalDetection, columns: Columns, options: DetectionOptions): Schemas["RowExplanation"][] {
  const expected = new Map(found.columns.map((column) => [column.name, column.expected]));
  return found.predictions.flatMap((prediction, row) =>
    prediction === 1 || options.explainRows === "all"
      ? [
          {
            row,
            contributions: found.contributions[row]!.map(([feature, contribution]) => ({
              feature,
              value: shown(columns[feature]![row]),
              expected: expected.get(feature) ?? null,
              contribution,
            })),
          },
        ]
      : [],
  );
}

function shown(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  return ["string", "number", "boolean"].includes(typeof value) ? (value as string | number | boolean) : String(value);
}

function result(
  scores: number[],
  threshold: number,
  options: DetectionOptions,
  columns: readonly LocalColumn[],
  explanations: Schemas["RowExplanation"][] | undefined,
  algorithm: string,
  warning: Schemas["Warning"],
  took: number,
  rows: readonly unknown[] | undefined,
): DetectionResult {
  const predictions = scores.map((score) => (score >= 0.5 ? 1 : 0));
  const anomalies = predictions.filter((prediction) => prediction === 1).length;
  const share = scores.length > 0 ? anomalies / scores.length : 0;
  return new DetectionResult(
    {
      predictions,
      scores,
      explanations: explanations ?? null,
      threshold,
      contamination: options.contamination === "auto" ? share : (options.contamination ?? DEFAULT_CONTAMINATION),
      n_rows: scores.length,
      n_anomalies: anomalies,
      feature_names: columns.filter(({ type }) => type !== "identifier").map(({ name }) => name),
      columns: columns.map(({ name, type, missing }) => ({ name, type, missing, used: type !== "identifier" })),
      identifiers: {},
      algorithm,
      warnings: [warning],
      source: "fallback",
      elapsed_ms: took,
    },
    rows,
  );
}
