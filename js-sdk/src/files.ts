/** The files of this machine; loaded when a path is given. */
import { DataError } from "./errors.js";
import { needed } from "./node.js";
import type { Chunks } from "./transport/content.js";

/** A file found on this machine. */
export interface FoundFile {
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
  /** Its suffix in lower case, with the dot. */
  readonly suffix: string;
}

/**
 * Look for a file.
 *
 * @throws DataError: There is none, or it is no file.
 */
export function findFile(given: string | URL): FoundFile {
  const process = needed();
  const path = process.getBuiltinModule("node:path");
  const fs = process.getBuiltinModule("node:fs");
  const os = process.getBuiltinModule("node:os");
  const url = process.getBuiltinModule("node:url");
  if (given instanceof URL && given.protocol !== "file:") {
    throw new DataError(`A URL with ${given.protocol} is not read here; batchDetect fetches https: ones at the server.`);
  }
  const text = given instanceof URL ? url.fileURLToPath(given) : given.replace(/^~(?=[\\/]|$)/, os.homedir());
  const found = path.resolve(text);
  const state = fs.statSync(found, { throwIfNoEntry: false });
  if (state === undefined) {
    throw new DataError(
      `There is no file '${text}' (looked from ${process.cwd()}). A text of one line is taken as the path of a file; ` +
        "pass rows as an array, or CSV as text of several lines.",
    );
  }
  if (!state.isFile()) throw new DataError(`'${text}' is not a file; pass the path of one file.`);
  return { path: found, name: path.basename(found), suffix: path.extname(found).toLowerCase() };
}

/** The bytes of a file as a stream, opened anew at each call. */
export function streamFile(file: FoundFile): () => Chunks {
  const fs = needed().getBuiltinModule("node:fs");
  return () => fs.createReadStream(file.path, { highWaterMark: 256 * 1024 });
}

/** The text of a file. */
export async function readFile(file: FoundFile): Promise<string> {
  return needed().getBuiltinModule("node:fs/promises").readFile(file.path, "utf8");
}

/** The first bytes of a file. */
export async function startOfFile(file: FoundFile, length: number): Promise<Uint8Array> {
  const opened = await needed().getBuiltinModule("node:fs/promises").open(file.path);
  try {
    const { bytesRead, buffer } = await opened.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await opened.close();
  }
}

/** Write a stream to a file that appears when it is whole; one of that name is replaced. Returns its absolute path. */
export async function saveFile(target: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const process = needed();
  const fs = process.getBuiltinModule("node:fs/promises");
  const path = process.getBuiltinModule("node:path");
  const whole = path.resolve(target);
  const part = path.join(path.dirname(whole), `.${path.basename(whole).slice(0, 50)}.${crypto.randomUUID().slice(0, 8)}`);
  try {
    await fs.writeFile(part, chunks, { flag: "wx" });
    await fs.rename(part, whole);
  } catch (error) {
    await fs.rm(part, { force: true });
    throw error;
  }
  return whole;
}
