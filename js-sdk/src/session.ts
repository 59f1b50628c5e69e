/**
 * The session of `pynomaly login`: the file `session.json` beside the profile, as the Python client keeps it.
 *
 * Several processes share the file, of both clients. A refresh token works once, so whoever renews makes the file
 * `session.renewing` first, removes it afterwards, and looks in between whether another process has renewed already.
 */
import { ConfigurationError } from "./errors.js";
import { needed } from "./node.js";

/** An access token and the refresh token for the next; times in milliseconds since the epoch. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  /** When the access token is to be renewed. */
  readonly renewAt: number;
  /** When it ends. */
  readonly goodUntil: number;
}

/** What the file holds. */
export interface Session {
  readonly baseUrl: string;
  readonly username: string;
  readonly tokens: Tokens;
}

// A renewal takes ten seconds at most; what is older was left behind by a process that died.
const LEFT_BEHIND = 30_000;
const LOOK_AGAIN = 20;

/** The file of a session. */
export class SessionFile {
  constructor(private readonly path: string) {}

  /**
   * Read it; undefined where nobody is logged in.
   *
   * @throws ConfigurationError: The file cannot be read or understood.
   */
  async read(): Promise<Session | undefined> {
    let document;
    try {
      document = JSON.parse(await files().readFile(this.path, "utf8")) as Record<string, unknown> | null;
    } catch (error) {
      if (isCode(error, "ENOENT")) return undefined;
      throw this.#unusable();
    }
    const texts = ["base_url", "username", "access_token", "refresh_token"].map((name) => document?.[name]);
    const times = ["renew_at", "good_until"].map((name) => document?.[name]);
    if (!texts.every((text) => typeof text === "string") || !times.every((time) => typeof time === "number")) throw this.#unusable();
    const [baseUrl, username, access, refresh] = texts as [string, string, string, string];
    const [renewAt, goodUntil] = times as [number, number];
    return { baseUrl, username, tokens: { access, refresh, renewAt: renewAt * 1000, goodUntil: goodUntil * 1000 } };
  }

  /** Keep a session, in one step and for its owner alone. */
  async write({ baseUrl, username, tokens }: Session): Promise<void> {
    const document = {
      base_url: baseUrl,
      username,
      access_token: tokens.access,
      refresh_token: tokens.refresh,
      renew_at: tokens.renewAt / 1000,
      good_until: tokens.goodUntil / 1000,
    };
    const draft = `${this.path}.${crypto.randomUUID().slice(0, 8)}`;
    const fs = files();
    try {
      await fs.writeFile(draft, `${JSON.stringify(document, null, 2)}\n`, { flag: "wx", mode: 0o600, flush: true });
      await fs.rename(draft, this.path);
    } catch (error) {
      await fs.rm(draft, { force: true });
      throw error;
    }
  }

  /** Forget the session. */
  async remove(): Promise<void> {
    await files().rm(this.path, { force: true });
  }

  /** Do something while no other process renews. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const fs = files();
    const claim = this.path.replace(/json$/, "renewing");
    // Real time, as that of the other process is.
    while (!(await claimed(claim))) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    try {
      return await work();
    } finally {
      await fs.rm(claim, { force: true });
    }
  }

  #unusable(): ConfigurationError {
    return new ConfigurationError(
      `The session in ${this.path} cannot be read. Run \`pynomaly login\` again, or \`pynomaly logout\` to forget it.`,
    );
  }
}

/** Make the file of a claim; whether it was made. One that was left behind is taken away. */
async function claimed(path: string): Promise<boolean> {
  const fs = files();
  try {
    await (await fs.open(path, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
  const found = await fs.stat(path).catch(() => undefined);
  // The machine's own time, as that of the file is.
  if (found && Date.now() - found.mtimeMs > LEFT_BEHIND) await fs.rm(path, { force: true });
  return false;
}

function files() {
  return needed().getBuiltinModule("node:fs/promises");
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
