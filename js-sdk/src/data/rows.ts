/** Rows of JavaScript values as JSON: what JSON cannot say is turned into what the contract says for it. */
import { DataError } from "../errors.js";
import type { Columns } from "../local.js";

/** One value of a row. NaN, null and undefined are missing; a date is sent as RFC 3339. */
export type CellValue = string | number | boolean | bigint | Date | null | undefined;
/** One row, as an array of values or as an object from column name to value. */
export type Row = readonly CellValue[] | Readonly<Record<string, CellValue>>;

/**
 * Encode rows as a JSON array.
 *
 * @throws DataError: A value cannot be sent; the message names row and column.
 */
export function jsonRows(rows: readonly unknown[]): string {
  return JSON.stringify(rows.map(plainRow));
}

/** One row as JSON can write it: the row itself where JSON writes each of its values as it is. */
export function plainRow(row: unknown, position: number): unknown[] | Record<string, unknown> {
  if (Array.isArray(row)) {
    const values: unknown[] = row;
    return arePlain(values) ? values : values.map((value, column) => plain(value, position, column));
  }
  if (isTyped(row)) return Array.from(row as unknown as ArrayLike<unknown>, (value, column) => plain(value, position, column));
  if (!isRecord(row)) {
    throw new DataError(
      `Row ${position} is ${kindOf(row)}; give each row as an array of values or as an object from column to value.`,
    );
  }
  if (arePlain(Object.values(row))) return row;
  const named: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) named[column] = plain(value, position, column);
  return named;
}

/** Whether `plain` would give every value back; each value of a request passes here, so this is a plain loop. */
function arePlain(values: readonly unknown[]): boolean {
  for (const value of values) {
    const kind = typeof value;
    if (kind === "number" ? !Number.isFinite(value) : kind === "string" ? !(value as string).isWellFormed() : kind !== "boolean" && value !== null) {
      return false;
    }
  }
  return true;
}

function plain(value: unknown, row: number, column: string | number): unknown {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      if (!value.isWellFormed()) {
        throw new DataError(`${at(row, column)}: the text holds half of a surrogate pair, which is no character; use toWellFormed().`);
      }
      return value;
    case "number":
      if (Number.isNaN(value)) return null;
      if (Number.isFinite(value)) return value;
      throw new DataError(`${at(row, column)} is infinite; give a finite number, or null where the value is missing.`);
    case "bigint":
      if (Number.isSafeInteger(Number(value))) return Number(value);
      throw new DataError(`${at(row, column)} is a bigint that no number holds exactly; give it as text or as a rounded number.`);
    case "undefined":
      return null;
    case "object":
    case "function":
    case "symbol":
      break;
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  throw new DataError(
    `${at(row, column)} is ${kindOf(value)}, which has no form in JSON here; give a number, text, boolean, Date or null.`,
  );
}

function at(row: number, column: string | number): string {
  return `Row ${row}, column ${typeof column === "number" ? column : `'${column}'`}`;
}

/** Turn columns by name into rows. */
export function rowsOfColumns(columns: Readonly<Record<string, ArrayLike<unknown>>>): Record<string, unknown>[] {
  const entries = Object.entries(columns);
  const lengths = new Set(entries.map(([, values]) => values.length));
  if (lengths.size > 1) {
    const told = entries.map(([name, values]) => `${name}: ${values.length}`).join(", ");
    throw new DataError(`The columns differ in length (${told}); give every column one value per row.`);
  }
  const [length = 0] = lengths;
  return Array.from({ length }, (_, row) => Object.fromEntries(entries.map(([name, values]) => [name, values[row]])));
}

/** Read rows into columns; columns without names are `x0`, `x1` and so on, as at the server. */
export function columnsOfRows(rows: readonly unknown[], names: readonly string[] = []): Columns {
  const plainRows = rows.map((row, position) => plainRow(scalarRow(row), position));
  if (plainRows.every((row) => !Array.isArray(row)) && plainRows.length > 0) {
    const named = plainRows as Record<string, unknown>[];
    const seen = [...new Set(named.flatMap((row) => Object.keys(row)))];
    return Object.fromEntries(seen.map((name) => [name, named.map((row) => row[name])]));
  }
  const listed = plainRows as unknown[][];
  const width = listed.reduce((most, row) => Math.max(most, row.length), 0);
  if (listed.some((row) => row.length !== width)) {
    throw new DataError("The rows differ in length; give every row one value per column.");
  }
  const columns = Array.from({ length: width }, (_, place) => [names[place] ?? `x${place}`, listed.map((row) => row[place])] as const);
  return Object.fromEntries(columns);
}

/** A row of one column, where a bare value stands for it. */
export function scalarRow(row: unknown): unknown {
  return row === null || ["number", "string", "boolean", "bigint"].includes(typeof row) ? [row] : row;
}

/** Whether a value is an array of numbers as machines keep them. */
export function isTyped(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value is an object of its own fields, such as a row, and not an instance of something else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  // From another realm (a worker, a test runner) the prototype is another object of the same name.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (value.constructor as { name?: string } | undefined)?.name;
  return `a ${name ?? "bare object"}`;
}
