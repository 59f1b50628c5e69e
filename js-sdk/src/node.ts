/**
 * Everything that only Node has: files, the environment, warnings. Nothing else in this package touches it, and without
 * Node each function says so.
 */
import { DataError } from "./errors.js";
import type { Chunks } from "./transport/content.js";

type Process = typeof globalThis.process;

function nodeProcess(): Process | undefined {
  const { process } = globalThis as { process?: Process };
  return typeof process?.getBuiltinModule === "function" ? process : undefined;
}

function needed(): Process {
  const process = nodeProcess();
  if (process) return process;
  throw new DataError("Files are only read in Node 20.16 or later; pass rows, a Blob or a stream instead.");
}

/** An environment variable; undefined where it is empty or there is no environment. */
export function environment(name: string): string | undefined {
  return nodeProcess()?.env[name] || undefined;
}

/** Warn whoever runs the program. */
export function warn(message: string, type: string): void {
  const process = nodeProcess();
  if (process) process.emitWarning(message, type);
  else console.warn(`${type}: ${message}`);
}

/** Path of the profile that `pynomaly serve` writes: under `$XDG_CONFIG_HOME`, by default `~/.config`. */
export function profilePath(): string | undefined {
  const process = nodeProcess();
  if (!process) return undefined;
  const path = process.getBuiltinModule("node:path");
  const os = process.getBuiltinModule("node:os");
  const configured = environment("XDG_CONFIG_HOME");
  // The XDG specification says to ignore a relative path.
  const folder = configured && path.isAbsolute(configured) ? configured : path.join(os.homedir(), ".config");
  return path.join(folder, "pynomaly", "profile.json");
}

/** The text of a small file, and whether others on this machine may read it; undefined where there is none. */
export function readPrivate(file: string): { text: string; shared: boolean } | undefined {
  const process = needed();
  const fs = process.getBuiltinModule("node:fs");
  try {
    const shared = process.platform !== "win32" && (fs.statSync(file).mode & 0o077) !== 0;
    return { text: fs.readFileSync(file, "utf8"), shared };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

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
