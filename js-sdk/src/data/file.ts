/** Tables in files of this machine; loaded when a path is given. */
import { DataError } from "../errors.js";
import { findFile, readFile, startOfFile, streamFile } from "../files.js";
import { Content, JSON_TYPE } from "../transport/content.js";
import { ARROW, columnsOfText, MEDIA_TYPES, ofText, type Table } from "./prepare.js";

/**
 * The table in a file.
 *
 * @param path - Where it is.
 * @param given - Its media type, where the caller says it.
 * @param whole - Whether the rows of a JSON document are taken out of it, so that options can travel with them.
 * @throws DataError: There is no such file, or nobody can know what it holds.
 */
export async function tableOfFile(path: string | URL, given: string | undefined, whole: boolean): Promise<Table> {
  const file = findFile(path);
  const mediaType = given ?? MEDIA_TYPES[file.suffix];
  if (mediaType === undefined) {
    throw new DataError(
      `The extension '${file.suffix}' of '${file.name}' does not say what the file holds; known are ` +
        `${Object.keys(MEDIA_TYPES).sort().join(", ")}. For another name say mediaType.`,
    );
  }
  if (mediaType === ARROW && new TextDecoder().decode(await startOfFile(file, 6)) === "ARROW1") {
    throw new DataError(
      `'${file.name}' is in Arrow's file format (Feather), and only its stream format can be sent; save it as Parquet.`,
    );
  }
  if (mediaType === JSON_TYPE && whole) return ofText(await readFile(file), mediaType, whole, file.name);
  const content = new Content(mediaType, streamFile(file), file.name);
  return { content, columns: async () => columnsOfText(await readFile(file), mediaType) };
}
