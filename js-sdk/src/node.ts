/**
 * The door to what only Node has: the process with its environment, its warnings and its modules. Nothing else in this
 * package reaches for it; files, the kept session and the terminal go through here, and are loaded when they are used.
 */
import { DataError } from "./errors.js";

type Process = typeof globalThis.process;

/** The process; undefined where this is not Node. */
export function nodeProcess(): Process | undefined {
  const { process } = globalThis as { process?: Process };
  return typeof process?.getBuiltinModule === "function" ? process : undefined;
}

/**
 * The process, for who cannot do without.
 *
 * @throws DataError: This is not Node.
 */
export function needed(): Process {
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

/** Path of the `profile` that `pynomaly serve` writes, or of the `session`: under `$XDG_CONFIG_HOME`, by default `~/.config`. */
export function profilePath(name: "profile" | "session"): string | undefined {
  const process = nodeProcess();
  if (!process) return undefined;
  const path = process.getBuiltinModule("node:path");
  const os = process.getBuiltinModule("node:os");
  const configured = environment("XDG_CONFIG_HOME");
  // The XDG specification says to ignore a relative path.
  const folder = configured && path.isAbsolute(configured) ? configured : path.join(os.homedir(), ".config");
  return path.join(folder, "pynomaly", `${name}.json`);
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
