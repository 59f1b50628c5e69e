/** Recognises what the caller passed and makes the request of it. */
import { DataError } from "../errors.js";
import type { Schemas } from "../generated/resources.js";
import type { Columns } from "../local.js";
import { Content, JSON_TYPE } from "../transport/content.js";
import { columnsOfCsv } from "./csv.js";
import { Matrix, type TypedArray } from "./npy.js";
import type { Given } from "./options.js";
import { columnsOfRows, isRecord, isTyped, jsonRows, kindOf, rowsOfColumns, scalarRow, type CellValue, type Row } from "./rows.js";
import { isStream, streamContent } from "./streams.js";

/** What `detectAnomalies` and the uploads take. */
export type TableData =
  | readonly Row[]
  | readonly CellValue[]
  | readonly TypedArray[]
  | Readonly<Record<string, ArrayLike<CellValue>>>
  | TypedArray
  | Matrix
  | string
  | URL
  | Blob
  | Content
  | AsyncIterable<unknown>
  | ReadableStream<unknown>
  | Iterable<Row>;

/** What `detectAnomalies` takes: a table, or a whole request as the contract says it. */
export type DetectionData = TableData | Schemas["DetectionRequest"];

/** A table on its way to the server. */
export interface Table {
  /** The body of the table alone. */
  readonly content: Content;
  /** The caller's rows, where they are at hand. */
  readonly rows?: readonly unknown[];
  /** Names of the columns of rows that have none. */
  readonly names?: readonly string[];
  /** Options that came with the rows. */
  readonly options?: Given;
  /** The columns, for what is computed on this machine. */
  columns(): Columns | Promise<Columns>;
}

/** A detection ready to be sent; `query` has the options where the body cannot carry them. */
export interface Prepared {
  readonly content: Content;
  readonly query: Given;
  readonly table: Table;
}

const CSV = "text/csv";
const NDJSON = "application/x-ndjson";
export const ARROW = "application/vnd.apache.arrow.stream";
const PARQUET = "application/vnd.apache.parquet";
/** Media types of files by their suffix. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".csv": CSV,
  ".tsv": CSV,
  ".json": JSON_TYPE,
  ".ndjson": NDJSON,
  ".jsonl": NDJSON,
  ".parquet": PARQUET,
  ".pq": PARQUET,
  ".arrow": ARROW,
  ".arrows": ARROW,
  ".ipc": ARROW,
  ".npy": "application/x-npy",
};
const TAKEN =
  "rows (arrays or objects), columns by name, a typed array or Matrix, CSV text, a path, a Blob, a stream or a Content";

/**
 * Make the body and the query of a detection.
 *
 * @throws DataError: The data are nothing that can be sent.
 */
export async function prepareDetection(data: unknown, given: Given, mediaType?: string): Promise<Prepared> {
  const table = await readTable(data, mediaType, true);
  const options = { ...table.options, ...given };
  if (table.rows === undefined) return { content: table.content, query: options, table };
  // Written around the rows, which are JSON already.
  const names = table.names && { column_names: table.names };
  const tail = JSON.stringify({ ...names, ...options }).slice(1);
  const body = `{"data":${table.content.data as string}${tail === "}" ? tail : `,${tail}`}`;
  return { content: new Content(JSON_TYPE, body), query: {}, table };
}

/**
 * Make the body of a dataset's upload: the table alone.
 *
 * @throws DataError: The data are nothing that can be sent.
 */
export async function prepareTable(data: unknown, mediaType?: string): Promise<Content> {
  return (await readTable(data, mediaType, false)).content;
}

async function readTable(data: unknown, mediaType: string | undefined, whole: boolean): Promise<Table> {
  if (data instanceof Content) return ofContent(data);
  if (data instanceof Matrix) return ofMatrix(data);
  if (typeof data === "string" && /[\r\n]/.test(data)) return ofText(data, mediaType ?? CSV, whole);
  if (typeof data === "string" || data instanceof URL) return (await import("./file.js")).tableOfFile(data, mediaType, whole);
  if (data instanceof Blob) return ofContent(new Content(blobType(data, mediaType), data, blobName(data)));
  if (isStream(data)) return ofContent(await streamContent(data, mediaType));
  if (isTyped(data)) return ofMatrix(new Matrix(data as TypedArray, 1));
  if (Array.isArray(data)) return ofRows(data);
  if (isRecord(data)) return isRequest(data) ? ofRequest(data) : ofRows(rowsOfColumns(columnsGiven(data)));
  if (typeof data === "object" && data !== null && Symbol.iterator in data) return ofRows([...(data as Iterable<unknown>)]);
  throw new DataError(`${sentence(kindOf(data))} cannot be sent as data; give ${TAKEN}.`);
}

function ofRows(given: readonly unknown[], names?: readonly string[], options?: Given): Table {
  const rows = given.length > 0 && scalarRow(given[0]) !== given[0] ? given.map(scalarRow) : given;
  return {
    content: new Content(JSON_TYPE, jsonRows(rows)),
    rows,
    columns: () => columnsOfRows(rows, names),
    ...(names && { names }),
    ...(options && { options }),
  };
}

function ofMatrix(matrix: Matrix): Table {
  const rows = () => Array.from({ length: matrix.rows }, (_, position) => matrix.row(position));
  return { content: matrix.content(), columns: () => columnsOfRows(rows()) };
}

function ofRequest(request: Record<string, unknown>): Table {
  const { data, column_names: names, ...options } = request;
  return ofRows(data as unknown[], names as readonly string[] | undefined, options);
}

/** Text of several lines; JSON becomes rows, so that the options can travel with them. */
export function ofText(text: string, mediaType: string, whole: boolean, name?: string): Table {
  if (mediaType === JSON_TYPE && whole) {
    const document = parsedJson(text, name);
    if (Array.isArray(document)) return ofRows(document);
    if (isRecord(document) && Array.isArray(document["data"])) return ofRequest(document);
    throw new DataError(
      `${name ? `'${name}'` : "The JSON"} must hold an array of rows, or a request {"data": [...]}; for one object per ` +
        "line name it .ndjson.",
    );
  }
  return ofContent(new Content(mediaType, text, name));
}

function ofContent(content: Content): Table {
  return { content, columns: async () => columnsOfText(await textOf(content), content.mediaType) };
}

async function textOf(content: Content): Promise<string> {
  const { data } = content;
  if (typeof data === "string") return data;
  if (data instanceof Blob) return data.text();
  if (data instanceof Uint8Array) return new TextDecoder().decode(data);
  throw new DataError("A stream can be sent, but not read again on this machine.");
}

/** The columns of a text in a media type. */
export function columnsOfText(text: string, mediaType: string): Columns {
  switch (mediaType.split(";", 1)[0]!.trim().toLowerCase()) {
    case CSV:
      return columnsOfCsv(text);
    case NDJSON:
      return columnsOfRows(
        text
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line) => parsedJson(line)),
      );
    case JSON_TYPE: {
      const document = parsedJson(text);
      if (Array.isArray(document)) return columnsOfRows(document);
      const { data, column_names: names } = document as { data?: unknown[]; column_names?: string[] };
      return columnsOfRows(data ?? [], names);
    }
    default:
      throw new DataError(`${mediaType} is not read on this machine; give rows, CSV, NDJSON or JSON.`);
  }
}

function parsedJson(text: string, name?: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new DataError(`${name ? `'${name}'` : "The text"} is not JSON: ${(error as Error).message}`);
  }
}

/** Whether an object is a request around rows, and no columns by name: cells are never arrays or objects. */
function isRequest(data: Record<string, unknown>): boolean {
  const rows = data["data"];
  return Array.isArray(rows) && (rows.length === 0 || (typeof rows[0] === "object" && rows[0] !== null && !(rows[0] instanceof Date)));
}

function columnsGiven(data: Record<string, unknown>): Record<string, ArrayLike<unknown>> {
  for (const [name, values] of Object.entries(data)) {
    if (!Array.isArray(values) && !isTyped(values)) {
      throw new DataError(
        `An object as data is taken as columns by name, and its '${name}' is ${kindOf(values)}; give an array of values ` +
          "per column, or put a single row into an array.",
      );
    }
  }
  return data as Record<string, ArrayLike<unknown>>;
}

function blobType(blob: Blob, given: string | undefined): string {
  const type = given ?? (blob.type || MEDIA_TYPES[/\.[^.]+$/.exec(blobName(blob) ?? "")?.[0].toLowerCase() ?? ""]);
  if (type) return type;
  throw new DataError("The Blob does not say what it holds; make it with a type such as 'text/csv', or say mediaType.");
}

function blobName(blob: Blob): string | undefined {
  return (blob as { name?: string }).name;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
