/** The result of a detection: the contract's fields with the caller's own rows beside them. */
import { APIResponseError, DataError } from "./errors.js";
import type { Schemas } from "./generated/resources.js";
import { isRecord, isTyped } from "./data/rows.js";

type Wire = Schemas["DetectionResult"];
type Contribution = Schemas["Contribution"];

/** The result of one row. */
export interface RowResult {
  /** Position in the data, from 0. */
  readonly row: number;
  /** In [0, 1]; 0.5 and more is an anomaly. */
  readonly score: number;
  /** 1 for an anomaly, 0 for a normal row. */
  readonly prediction: number;
  /** Probability in [0, 1] that the prediction would stay the same under a refit, where it was asked for. */
  readonly confidence?: number;
  /** Features by contribution, largest first, where the row was explained. */
  readonly explanation?: readonly Contribution[];
  /** What the method expects of the row as a point of a time series, where it has expectations. */
  readonly series?: Schemas["SeriesPoint"];
  /** Values of the identifier columns. */
  readonly identifiers: Readonly<Record<string, unknown>>;
  /** The row's values by column where they are at hand. */
  readonly values?: Readonly<Record<string, unknown>>;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- the constructor copies every field
export interface DetectionResult extends Wire {}

/**
 * Scores and predictions, one of each per row, in the order of the rows. Everything the server answered is a field under
 * its name in the contract: `result.scores[0]`, `result.n_anomalies`.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- as above
export class DetectionResult {
  readonly #rows: readonly unknown[] | undefined;
  #explained: Map<number, readonly Contribution[]> | undefined;

  /**
   * @param fields - What the server answered.
   * @param rows - The caller's rows.
   */
  constructor(fields: Wire, rows?: readonly unknown[]) {
    if (!Array.isArray(fields.scores) || !Array.isArray(fields.predictions) || !Array.isArray(fields.columns)) {
      throw new APIResponseError(
        "The answer has no scores, predictions and columns, so it is no result of a detection. Check that baseUrl is the " +
          "address of a Pynomaly server.",
      );
    }
    Object.assign(this, fields);
    this.#rows = rows;
  }

  /** Number of rows. */
  get length(): number {
    return this.scores.length;
  }

  /** The result of the row at `position`, from 0; from the end where negative. */
  row(position: number): RowResult {
    const place = this.#place(position);
    const confidence = this.confidence?.[place];
    const explanation = this.#explanations().get(place);
    const series = this.series && {
      feature: this.series.feature[place]!,
      expected: this.series.expected[place]!,
      lower: this.series.lower[place]!,
      upper: this.series.upper[place]!,
    };
    const values = this.#values(place);
    return {
      row: place,
      score: this.scores[place]!,
      prediction: this.predictions[place]!,
      identifiers: Object.fromEntries(Object.entries(this.identifiers).map(([name, cells]) => [name, cells[place]])),
      ...(confidence !== undefined && { confidence }),
      ...(explanation && { explanation }),
      ...(series && { series }),
      ...(values && { values }),
    };
  }

  /** Every row in the order of the data. */
  rows(): RowResult[] {
    return this.scores.map((_, place) => this.row(place));
  }

  /** The rows predicted anomalous, the most anomalous first; at most `limit` of them. */
  anomalies(limit = Infinity): RowResult[] {
    return this.#ranked()
      .filter((place) => this.predictions[place] === 1)
      .slice(0, Math.max(0, limit))
      .map((place) => this.row(place));
  }

  /** The `n` rows with the highest scores, predicted anomalous or not, the highest first. */
  top(n = 10): RowResult[] {
    return this.#ranked()
      .slice(0, Math.max(0, n))
      .map((place) => this.row(place));
  }

  /**
   * What made the row at `position` stand out: its features by contribution.
   *
   * @throws DataError: There is no such row, or it was not explained.
   */
  explain(position: number): readonly Contribution[] {
    const explained = this.#explanations().get(this.#place(position));
    if (explained) return explained;
    throw new DataError(
      `Row ${position} was not explained; ask with includeExplanations: true (anomalous rows) or with ` +
        "detectAnomaliesBatch (every row).",
    );
  }

  /** The rows one by one. */
  *[Symbol.iterator](): Generator<RowResult, void, undefined> {
    for (let place = 0; place < this.length; place += 1) yield this.row(place);
  }

  /** What the server answered, as a plain object. */
  toJSON(): Wire {
    return Object.fromEntries(Object.entries(this)) as Wire;
  }

  /** A summary in a line. */
  toString(): string {
    const source = this.source === "server" ? "" : `, from ${this.source}`;
    return `${this.n_anomalies} of ${this.n_rows} rows are anomalous (${this.algorithm}${source})`;
  }

  #ranked(): number[] {
    const { scores } = this;
    return scores.map((_, place) => place).sort((one, other) => scores[other]! - scores[one]! || one - other);
  }

  #place(position: number): number {
    const place = position < 0 ? position + this.length : position;
    if (!Number.isInteger(place) || place < 0 || place >= this.length) {
      throw new DataError(`There is no row ${position}; the result has ${this.length} rows.`);
    }
    return place;
  }

  #explanations(): Map<number, readonly Contribution[]> {
    this.#explained ??= new Map((this.explanations ?? []).map((each) => [each.row, each.contributions]));
    return this.#explained;
  }

  #values(place: number): Record<string, unknown> | undefined {
    const row = this.#rows?.[place];
    if (Array.isArray(row) || isTyped(row)) {
      const cells = Array.from(row as ArrayLike<unknown>);
      return Object.fromEntries(this.columns.slice(0, cells.length).map(({ name }, column) => [name, cells[column]]));
    }
    return isRecord(row) ? { ...row } : undefined;
  }
}
