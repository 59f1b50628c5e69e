/**
 * Where the client finds its server and key: options, the environment, the profile on this machine.
 *
 * `pynomaly serve` writes the profile, so that `new PynomalyClient()` needs no configuration beside it.
 */
import { apiRoot, isLoopback, sameServer } from "./address.js";
import { ConfigurationError } from "./errors.js";
import { environment, profilePath, readPrivate, warn } from "./node.js";
import type { Connection } from "./transport/request.js";

const DEFAULT_BASE_URL = "http://127.0.0.1:8000";

interface Profile {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
}

/**
 * Find server and key: an option wins over the environment, and that over the profile. The key of the profile is only
 * used for its own server, so that it is never sent anywhere else. Where a user logs in, no key is looked for.
 *
 * @throws ConfigurationError: No key is found, or something found is unusable.
 */
export function findConnection(apiKey: string | undefined, baseUrl: string | undefined, login = false): Connection {
  if (apiKey && login) throw new ConfigurationError("Both apiKey and username were given; give one of them.");
  const key = login ? "" : (apiKey ?? "") || environment("PYNOMALY_API_KEY");
  const address = (baseUrl ?? "") || environment("PYNOMALY_BASE_URL");
  const path = profilePath();
  const profile = path !== undefined && !((key || login) && address) ? readProfile(path) : undefined;
  const root = apiRoot(address ?? profile?.baseUrl ?? DEFAULT_BASE_URL);
  checkEncrypted(root);
  if (login) return { root, apiKey: undefined };
  const found = key ?? profileKey(profile, root, path);
  if (!/^[\x21-\x7e]+$/.test(found)) {
    throw new ConfigurationError(
      "The API key holds spaces, line breaks or characters outside ASCII; copy it again, without quotes or blanks.",
    );
  }
  return { root, apiKey: found };
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

function profileKey(profile: Profile | undefined, root: string, path: string | undefined): string {
  const own = profile && sameServer(apiRoot(profile.baseUrl), root);
  if (own && profile.apiKey) return profile.apiKey;
  const found = profile?.apiKey && !own ? ` The profile ${path} belongs to ${profile.baseUrl}, so its key is not used.` : "";
  throw new ConfigurationError(
    `No API key for ${root}.${found} Give one in one of four ways: new PynomalyClient({ apiKey }) or ({ username, password }), the environment ` +
      `variable PYNOMALY_API_KEY, or \`pynomaly serve\` on this machine${path ? `, which writes ${path}` : ""}.`,
  );
}

function readProfile(path: string): Profile | undefined {
  let found;
  try {
    found = readPrivate(path);
  } catch (error) {
    throw new ConfigurationError(
      `The profile ${path} cannot be read: ${(error as Error).message}. Make it readable for you, or pass apiKey and baseUrl.`,
    );
  }
  if (found === undefined) return undefined;
  if (found.shared) {
    warn(`The profile ${path} holds an API key and other users can read it; run: chmod 600 ${path}`, "InsecureProfileWarning");
  }
  const document = parsed(found.text);
  const { base_url: baseUrl, api_key: apiKey } = document;
  if (typeof baseUrl === "string" && (apiKey === undefined || typeof apiKey === "string")) return { baseUrl, apiKey };
  throw new ConfigurationError(
    `The profile ${path} is not a JSON object with "base_url", and "api_key" if any; delete it, and \`pynomaly serve\` writes it anew.`,
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
