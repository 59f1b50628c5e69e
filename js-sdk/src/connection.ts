/**
 * Where the client finds its server and credential: options, the environment, and the files on this machine.
 *
 * `pynomaly serve` writes the profile and `pynomaly login` the session, so that `new PynomalyClient()` needs no configuration beside it.
 */
import { apiRoot, isLoopback, sameServer } from "./address.js";
import { ConfigurationError } from "./errors.js";
import { environment, profilePath, readPrivate, warn } from "./node.js";
import type { Connection } from "./transport/request.js";

const DEFAULT_BASE_URL = "http://127.0.0.1:8000";

/** Who logs in. */
export interface Identity {
  readonly username: string;
  readonly password: string;
  readonly tenant?: string;
}

/** A server, and what opens it: a key, a user who logs in, or the file of a session that `pynomaly login` has begun. */
export interface Found extends Connection {
  readonly who?: Identity | string | undefined;
}

/** What a client may be told of its server and credential. */
export interface Given {
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tenant?: string | undefined;
}

/**
 * Find server and credential: an option wins over the environment, the environment over the session of `pynomaly login`,
 * and that over the profile. What a file holds is only used for its own server, so that it is never sent anywhere else.
 *
 * @throws ConfigurationError: No credential is found, or something found is unusable.
 */
export function findConnection({ apiKey, baseUrl, ...user }: Given): Found {
  const who = identity(user);
  if (apiKey && who) throw new ConfigurationError("Both apiKey and username were given; give one of them.");
  const key = who ? "" : (apiKey ?? "") || environment("PYNOMALY_API_KEY");
  const address = (baseUrl ?? "") || environment("PYNOMALY_BASE_URL");
  const path = profilePath("profile");
  const file = profilePath("session");
  const session = key === undefined ? readKept(file, "session", "login") : undefined;
  const profile = key === undefined || !address ? readKept(path, "profile", "serve") : undefined;
  const root = apiRoot(address ?? session?.base_url ?? profile?.base_url ?? DEFAULT_BASE_URL);
  checkEncrypted(root);
  if (who) return { root, apiKey: undefined, who };
  if (session && isOf(session, root)) return { root, apiKey: undefined, who: file };
  const found = key ?? profileKey(profile, root, path);
  if (!/^[\x21-\x7e]+$/.test(found)) {
    throw new ConfigurationError(
      "The API key holds spaces, line breaks or characters outside ASCII; copy it again, without quotes or blanks.",
    );
  }
  return { root, apiKey: found };
}

/**
 * Who logs in, where that is anybody.
 *
 * @throws ConfigurationError: One of username and password is missing, or nobody is in the tenant.
 */
function identity({ username, password, tenant }: Given): Identity | undefined {
  if (username && password) return { username, password, ...(tenant && { tenant }) };
  if (username || password || tenant) {
    throw new ConfigurationError("Give username and password together; tenant goes with them.");
  }
  return undefined;
}

/** The addresses of `baseUrls`, each up to and including `/api/v1`. */
export function furtherRoots(baseUrls: readonly string[]): string[] {
  const roots = baseUrls.map(apiRoot);
  roots.forEach(checkEncrypted);
  return roots;
}

function checkEncrypted(root: string): void {
  if (!root.startsWith("https:") && !isLoopback(root)) {
    warn(`The credential goes unencrypted to ${root}; use https.`, "InsecureTransportWarning");
  }
}

function profileKey(profile: Kept | undefined, root: string, path: string | undefined): string {
  const own = profile && isOf(profile, root);
  if (own && profile.api_key) return profile.api_key;
  const found = profile?.api_key && !own ? ` The profile ${path} belongs to ${profile.base_url}, so its key is not used.` : "";
  throw new ConfigurationError(
    `No API key for ${root}.${found} Give one in one of four ways: new PynomalyClient({ apiKey }) or ({ username, password }), the environment ` +
      `variable PYNOMALY_API_KEY, \`pynomaly login\`, or \`pynomaly serve\` on this machine${path ? `, which writes ${path}` : ""}.`,
  );
}

/** What a file on this machine says of a server; of a session only this much is read here. */
interface Kept {
  readonly base_url: string;
  readonly api_key: string | undefined;
}

function isOf(found: Kept, root: string): boolean {
  return sameServer(apiRoot(found.base_url), root);
}

function readKept(path: string | undefined, what: string, command: string): Kept | undefined {
  if (path === undefined) return undefined;
  let found;
  try {
    found = readPrivate(path);
  } catch (error) {
    throw new ConfigurationError(
      `The ${what} ${path} cannot be read: ${(error as Error).message}. Make it readable for you, or pass apiKey and baseUrl.`,
    );
  }
  if (found === undefined) return undefined;
  if (found.shared) {
    warn(`The ${what} ${path} holds a credential and other users can read it; run: chmod 600 ${path}`, "InsecureProfileWarning");
  }
  const { base_url, api_key } = parsed(found.text);
  if (typeof base_url === "string" && (api_key === undefined || typeof api_key === "string")) return { base_url, api_key };
  throw new ConfigurationError(
    `The ${what} ${path} is not a JSON object with "base_url", and "api_key" if any; delete it, and \`pynomaly ${command}\` writes it anew.`,
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
