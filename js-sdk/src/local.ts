/**
 * Detection on this machine, for when no server answers: robust rules on each column, fitted on the rows given. The
 * Python client has the same rules, and `openapi/vectors/local.json` holds both to the same answers.
 *
 * Each value gets a *surprise* that is 1 where the rule of its column would call it an outlier:
 *
 * - numbers: the larger of |x - median| / (3.5 sigma), where sigma is 1.4826 MAD (Iglewicz and Hoaglin, "How to Detect
 *   and Handle Outliers", 1993), and the distance beyond the nearer quartile in units of 1.5 IQR (Tukey, "Exploratory
 *   Data Analysis", 1977). Where the MAD is 0 sigma is taken from the IQR, and where that is 0 too from the mean
 *   deviation, so that the only value off an otherwise constant range still stands out.
 * - categories, and whether a value is missing: log(p_max / p) / log(100), by the share p of the value among the rows and
 *   that of the commonest: a value a hundred times rarer than it has the surprise 1.
 *
 * A row's raw score is the sum of log(1 + surprise^2) over its columns; `score = raw / (raw + threshold)`, so that 0.5
 * is the threshold. A forest at the server finds what lies between columns as well; these rules do not.
 */
import { DataError } from "./errors.js";
import { exactSum, quantile } from "./sums.js";

/** The name of these rules in a result. */
export const LOCAL_ALGORITHM = "local_rules";

const LIMIT_SIGMAS = 3.5;
const LIMIT_IQRS = 1.5;
const RARE = Math.log(100);
const MOST_CATEGORIES = 0.5;
const FEW_CATEGORIES = 20;
const SHOWN = 5;
// What Python reads as a number, so that the same text is one in both clients.
const NUMBER = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

/** How a column was read. */
export interface LocalColumn {
  readonly name: string;
  /** `identifier` for a column that tells rows apart, or holds free text or times, and is left out. */
  readonly type: "numeric" | "categorical" | "boolean" | "identifier";
  /** Number of missing values. */
  readonly missing: number;
  /** The usual value: the median, or the commonest. */
  readonly expected: number | string | boolean | null;
}

/** What the rules say. */
export interface LocalDetection {
  /** A raw score of 0 or more per row. */
  readonly raw: number[];
  /** A score in [0, 1] per row. */
  readonly scores: number[];
  /** 1 where the score is at least 0.5. */
  readonly predictions: number[];
  /** The raw score that has the score 0.5. */
  readonly threshold: number;
  readonly columns: LocalColumn[];
  /** Per row, the columns that add to its score with their shares of it, largest first. */
  readonly contributions: [name: string, share: number][][];
}

/** Values by column. */
export type Columns = Readonly<Record<string, readonly unknown[]>>;

type Cell = string | number | boolean | undefined;
interface Part {
  readonly name: string;
  readonly added: readonly number[];
}

/**
 * Score rows by the rules.
 *
 * @param columns - Values by column, all of one length; null, undefined and NaN are missing, and text that reads as a
 *   number in the whole column is one.
 * @param contamination - Expected share of anomalies in (0, 0.5]; `auto` sets the threshold 3.5 robust sigmas above the
 *   median score, and at least where a single column alone would call a row an outlier.
 * @throws DataError: The columns differ in length, or the contamination is out of range.
 */
export function detectLocally(columns: Columns, contamination: number | "auto" = 0.1): LocalDetection {
  const lengths = new Set(Object.values(columns).map((values) => values.length));
  if (lengths.size > 1) throw new DataError("The columns differ in length; give every column one value per row.");
  if (contamination !== "auto" && !(contamination > 0 && contamination <= 0.5)) {
    throw new DataError(`contamination must be 'auto' or in (0, 0.5], not ${String(contamination)}.`);
  }
  const [rows = 0] = lengths;
  const read: LocalColumn[] = [];
  const parts: Part[] = [];
  for (const [name, values] of Object.entries(columns)) {
    const { column, surprises } = readColumn(name, values);
    read.push(column);
    if (surprises) parts.push({ name, added: surprises.map((surprise) => Math.log1p(surprise * surprise)) });
  }
  const raw = Array.from({ length: rows }, (_, row) => exactSum(parts.map((part) => part.added[row]!)));
  const threshold = thresholdOf(raw, contamination);
  const scores = raw.map((value) => (value > 0 ? value / (value + threshold) : 0));
  return {
    raw,
    scores,
    predictions: scores.map((score) => (score >= 0.5 ? 1 : 0)),
    threshold,
    columns: read,
    contributions: raw.map((value, row) => shares(parts, row, value)),
  };
}

interface ReadColumn {
  readonly column: LocalColumn;
  readonly surprises?: number[];
}

function readColumn(name: string, values: readonly unknown[]): ReadColumn {
  const cells = values.map(cellOf);
  const present = cells.filter((cell) => cell !== undefined);
  const missing = cells.length - present.length;
  if (present.length > 0 && present.every((cell) => typeof cell === "boolean")) {
    return categories(name, "boolean", cells, missing);
  }
  const numbers = present.map(numberOf);
  if (numbers.every((number) => number !== undefined)) return numeric(name, cells, numbers, missing);
  const distinct = new Set(present.map(textOf)).size;
  if (distinct > Math.max(FEW_CATEGORIES, MOST_CATEGORIES * present.length)) {
    return { column: { name, type: "identifier", missing, expected: null } };
  }
  return categories(name, "categorical", cells, missing);
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return (typeof value === "string" ? value : JSON.stringify(value)).trim() || undefined;
}

function numberOf(cell: Cell): number | undefined {
  if (typeof cell === "number") return cell;
  if (typeof cell !== "string" || !NUMBER.test(cell)) return undefined;
  const number = Number(cell.replaceAll("_", ""));
  return Number.isFinite(number) ? number : undefined;
}

function textOf(cell: Cell): string {
  // As Python writes truth, so that a column of mixed kinds has the same names in both clients.
  return cell === true ? "True" : cell === false ? "False" : String(cell);
}

function numeric(name: string, cells: readonly Cell[], numbers: readonly number[], missing: number): ReadColumn {
  const values = [...numbers].sort(ascending);
  if (values.length === 0) {
    return { column: { name, type: "numeric", missing, expected: null }, surprises: cells.map(() => 0) };
  }
  const [median, low, high] = [quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75)];
  const deviations = values.map((value) => Math.abs(value - median)).sort(ascending);
  const sigma =
    1.4826 * quantile(deviations, 0.5) || (high - low) / 1.349 || 1.2533 * (exactSum(deviations) / deviations.length);
  const spread = high - low || 1.349 * sigma;
  const gap = missing > 0 ? Math.log(Math.max(missing, values.length) / missing) / RARE : 0;
  const surprise = (cell: Cell): number => {
    const value = numberOf(cell);
    if (value === undefined) return gap;
    if (!(sigma > 0)) return 0;
    const beyond = Math.max(low - value, value - high, 0);
    return Math.min(Math.max(Math.abs(value - median) / (LIMIT_SIGMAS * sigma), beyond / (LIMIT_IQRS * spread)), 1e100);
  };
  return { column: { name, type: "numeric", missing, expected: median }, surprises: cells.map(surprise) };
}

function categories(
  name: string,
  type: "categorical" | "boolean",
  cells: readonly Cell[],
  missing: number,
): ReadColumn {
  const texts = cells.map((cell) => (cell === undefined ? undefined : textOf(cell)));
  const counts = new Map<string | undefined, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const most = Math.max(...counts.values());
  // The commonest, and of several the first by name: the order of the rows must not matter.
  const commonest = [...counts.keys()]
    .filter((text) => text !== undefined)
    .reduce((best, text) => {
      const difference = counts.get(text)! - counts.get(best)!;
      return difference > 0 || (difference === 0 && text < best) ? text : best;
    });
  const expected = type === "boolean" ? commonest === "True" : commonest;
  return {
    column: { name, type, missing, expected },
    surprises: texts.map((text) => Math.log(most / counts.get(text)!) / RARE),
  };
}

function thresholdOf(raw: readonly number[], contamination: number | "auto"): number {
  const positive = raw.filter((value) => value > 0);
  if (positive.length === 0) return 1;
  if (contamination === "auto") {
    const median = quantile([...raw].sort(ascending), 0.5);
    const spread = 1.4826 * quantile(raw.map((value) => Math.abs(value - median)).sort(ascending), 0.5);
    return Math.max(median + LIMIT_SIGMAS * spread, Math.log(2));
  }
  const wanted = Math.min(Math.max(1, Math.floor(contamination * raw.length + 0.5)), raw.length);
  const ordered = [...raw].sort((one, other) => other - one);
  const last = ordered[wanted - 1]!;
  const following = ordered[wanted] ?? 0;
  // Between the last row wanted and the next, so that rounding decides nothing; ties go together.
  if (last > following && last > 0) return (last + following) / 2;
  const least = positive.reduce((one, other) => Math.min(one, other));
  return Math.max(last, least);
}

function shares(parts: readonly Part[], row: number, raw: number): [string, number][] {
  if (!(raw > 0)) return [];
  const added = parts
    .map(({ name, added }): [string, number] => [name, added[row]!])
    .filter(([, value]) => value > 0)
    .sort(([, one], [, other]) => other - one)
    .slice(0, SHOWN);
  const total = exactSum(added.map(([, value]) => value));
  return added.map(([name, value]) => [name, value / total]);
}

function ascending(one: number, other: number): number {
  return one - other;
}
