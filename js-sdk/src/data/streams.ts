/** Streams of the caller: of bytes in a media type, or of rows, which travel as NDJSON. */
import { DataError } from "../errors.js";
import { Content, type Chunks } from "../transport/content.js";
import { kindOf, plainRow } from "./rows.js";

const NDJSON = "application/x-ndjson";

/** What can be iterated over once. */
export type Stream = AsyncIterable<unknown> | ReadableStream<unknown>;

/** Whether a value is a stream. */
export function isStream(value: unknown): value is Stream {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || (typeof ReadableStream !== "undefined" && value instanceof ReadableStream);
}

/**
 * The body made of a stream: of rows as NDJSON, of bytes or text as what `mediaType` says.
 *
 * @throws DataError: It is empty, or holds bytes and nobody says of what kind.
 */
export async function streamContent(stream: Stream, mediaType: string | undefined): Promise<Content> {
  if (mediaType !== undefined) return new Content(mediaType, stream as Chunks);
  const source = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) throw new DataError("The stream ended before its first row; give at least one.");
  if (typeof first.value === "string" || first.value instanceof Uint8Array) {
    await source.return?.();
    throw new DataError(
      "The stream holds bytes or text; say what they are with mediaType, such as 'text/csv' or 'application/x-ndjson'.",
    );
  }
  return new Content(NDJSON, lines(first.value, source));
}

async function* lines(first: unknown, source: AsyncIterator<unknown>): AsyncGenerator<string, void, undefined> {
  let position = 0;
  try {
    for (let row = first; ; position += 1) {
      if (Array.isArray(row)) {
        throw new DataError("Rows of a stream must be objects from column to value, so that each line names its columns.");
      }
      if (typeof row !== "object" || row === null) {
        throw new DataError(`Row ${position} of the stream is ${kindOf(row)}; give objects from column to value.`);
      }
      yield `${JSON.stringify(plainRow(row, position))}\n`;
      const next = await source.next();
      if (next.done) return;
      row = next.value;
    }
  } finally {
    await source.return?.();
  }
}
