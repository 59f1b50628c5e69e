/** Addresses of servers: one spelling for the root of the API, and which of them are this machine. */
import { ConfigurationError } from "./errors.js";

const BASE_PATH = "/api/v1";

/**
 * Return the address up to and including `/api/v1`.
 *
 * `https://host`, `https://host/v1` and `https://host/api/v1/` all mean `https://host/api/v1`; a path before it, as
 * behind a proxy, is kept.
 */
export function apiRoot(baseUrl: string): string {
  const url = parsed(baseUrl);
  let path = url.pathname.replace(/\/+$/, "");
  for (const ending of [BASE_PATH, "/v1"]) {
    if (path.endsWith(ending)) {
      path = path.slice(0, -ending.length);
      break;
    }
  }
  return `${url.origin}${path}${BASE_PATH}`;
}

function parsed(baseUrl: string): URL {
  let url: URL;
  try {
    url = new URL(baseUrl.trim());
  } catch {
    throw unusable("it cannot be read as a URL");
  }
  if (url.username || url.password) throw unusable("it holds credentials; pass the key as apiKey");
  if (!["http:", "https:"].includes(url.protocol) || !url.hostname || url.port === "0") {
    throw unusable("it is not an http or https address with a host");
  }
  if (url.search || url.hash) throw unusable("it holds a query or a fragment");
  return url;
}

function unusable(why: string): ConfigurationError {
  // The address itself is not repeated: it may hold a password.
  return new ConfigurationError(`baseUrl is unusable: ${why}. Give it like https://pynomaly.example.com`);
}

/** Scheme, host and port of an API root. */
export function originOf(root: string): string {
  return new URL(root).origin;
}

/** Whether the address can only be this machine. */
export function isLoopback(root: string): boolean {
  const host = new URL(root).hostname;
  return host === "localhost" || host.endsWith(".localhost") || /^127(?:\.\d+){3}$/.test(host) || host === "[::1]";
}

/** Whether two API roots mean the same server; every spelling of loopback is the same host. */
export function sameServer(root: string, other: string): boolean {
  return identity(root) === identity(other);
}

function identity(root: string): string {
  const url = new URL(root);
  const host = isLoopback(root) ? "localhost" : url.hostname;
  return `${url.protocol}//${host}:${url.port}${url.pathname}`;
}
