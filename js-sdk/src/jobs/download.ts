/** Writes results to files; loaded when one is downloaded. */
import { DataError } from "../errors.js";
import { saveFile } from "../files.js";
import type { Body } from "../transport/driver.js";
import type { ResultFormat } from "./handle.js";

const OF_SUFFIX: Readonly<Record<string, ResultFormat>> = {
  ndjson: "ndjson",
  jsonl: "ndjson",
  csv: "csv",
  parquet: "parquet",
  pq: "parquet",
  xlsx: "excel",
};

/**
 * Write a whole result to a file.
 *
 * @param path - Where it goes.
 * @param given - The format, where the suffix does not say it.
 * @param open - Begins the download.
 * @returns The absolute path.
 * @throws DataError: Neither `given` nor the suffix names a format.
 */
export async function download(
  path: string,
  given: ResultFormat | undefined,
  open: (format: ResultFormat) => Promise<Body>,
): Promise<string> {
  const format = given ?? OF_SUFFIX[/\.([^.\\/]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];
  if (format === undefined) {
    throw new DataError(
      `The suffix of '${path}' names no format of results; say format, or end in ${Object.keys(OF_SUFFIX).join(", ")}.`,
    );
  }
  return saveFile(path, await open(format));
}
