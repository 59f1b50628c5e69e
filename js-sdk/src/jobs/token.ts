/** Tokens: a job's name and server as one line of text, to take it up in another process. They hold no secret. */
import { sameServer } from "../address.js";
import { ConfigurationError } from "../errors.js";

const PREFIX = "pynjob1.";
const JOB_ID = /^job_[0-9A-Za-z]+$/;

/** The token of a job at a server; both clients read each other's. */
export function writeToken(jobId: string, root: string): string {
  const text = JSON.stringify({ job_id: jobId, server: root });
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return PREFIX + btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The job's id from its token; a bare job id is taken too.
 *
 * @param token - What `toToken` gave.
 * @param root - The server that this client talks to.
 * @throws ConfigurationError: It is no token, or the job is at another server.
 */
export function readToken(token: string, root: string): string {
  if (JOB_ID.test(token)) return token;
  const { job_id: jobId, server } = fields(token);
  if (typeof jobId !== "string" || typeof server !== "string" || !JOB_ID.test(jobId) || !URL.canParse(server)) {
    throw new ConfigurationError("This is no job token; give what JobHandle.toToken() returned, or a job id.");
  }
  if (!sameServer(server, root)) {
    throw new ConfigurationError(
      `The job of this token is at ${server}, but this client talks to ${root}; make a client with that baseUrl.`,
    );
  }
  return jobId;
}

function fields(token: string): Record<string, unknown> {
  if (!token.startsWith(PREFIX)) return {};
  try {
    const bytes = atob(token.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const document: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0))));
    return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
