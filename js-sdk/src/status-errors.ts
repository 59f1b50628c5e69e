/** Which error a status calls for, and the words for it. */
import * as errors from "./errors.js";

type StatusErrorClass = new (message: string, fields: errors.APIErrorFields) => errors.APIStatusError;

const SHOWN_FAULTS = 5;

/** Class and hint of each status that has one of its own. */
const BY_STATUS: Readonly<Record<number, readonly [StatusErrorClass, string?]>> = {
  400: [errors.BadRequestError],
  401: [errors.AuthenticationError, "Check the key in apiKey, PYNOMALY_API_KEY or the local profile, or log in anew."],
  403: [errors.PermissionDeniedError, "Use a key that has the scope."],
  404: [errors.NotFoundError],
  405: [errors.MethodNotAllowedError, "Check that baseUrl is the address of a Pynomaly server."],
  406: [errors.NotAcceptableError],
  408: [errors.RequestTimeoutError],
  409: [errors.ConflictError],
  410: [errors.GoneError],
  413: [errors.PayloadTooLargeError, "Submit the data with client.batchDetect() instead."],
  415: [errors.UnsupportedMediaTypeError],
  422: [errors.UnprocessableEntityError],
  425: [errors.TooEarlyError],
  429: [errors.RateLimitError, "Slow down, or give the call a longer timeout so that it can wait."],
  500: [errors.InternalServerError, "Report the request id to whoever runs the server."],
  502: [errors.BadGatewayError],
  503: [errors.ServiceUnavailableError, "Try again later."],
  504: [errors.GatewayTimeoutError],
};

/**
 * Build the error of a status.
 *
 * @param status - HTTP status, 300 or more.
 * @param problem - The problem document, where the answer held one.
 * @param requestId - `X-Request-Id` of the answer.
 * @param text - What the answer said where it held no problem document.
 */
export function statusError(
  status: number,
  problem: errors.Problem | undefined,
  requestId: string | undefined,
  text: string,
): errors.APIStatusError {
  const [ErrorClass, hint] = BY_STATUS[status] ?? [status >= 500 ? errors.ServerError : errors.APIStatusError];
  if (problem === undefined) {
    return new ErrorClass(foreignMessage(status, text, requestId), { status, requestId });
  }
  const known = requestId ?? problem.request_id;
  const said = problem.detail || problem.title;
  const parts = [said];
  // The detail of a problem with a single fault usually tells that fault already.
  const faults = (problem.errors ?? []).filter((fault) => !said.includes(bare(fault.detail)));
  for (const fault of faults.slice(0, SHOWN_FAULTS)) parts.push(`${fault.pointer}: ${fault.detail}`);
  if (faults.length > SHOWN_FAULTS) parts.push(`and ${faults.length - SHOWN_FAULTS} more faults`);
  let message = `${parts.map(bare).join("; ")}.`;
  // Their details say what to do; what else helps with their status does not help.
  const told = problem.code === "quota-exceeded" || problem.code === "switched-off";
  if (hint !== undefined && !told) message += ` ${hint}`;
  message += ` (HTTP ${status}, ${problem.code}, request ${known})`;
  return new ErrorClass(message, { status, code: problem.code, requestId: known, problem });
}

/** Words for an answer that no Pynomaly server writes: a proxy's page, a redirect, another program. */
function foreignMessage(status: number, text: string, requestId: string | undefined): string {
  if (status >= 300 && status < 400) {
    return (
      `The server answers with a redirect (HTTP ${status})${text}. Redirects are not followed, so that the key goes ` +
      "nowhere else; set baseUrl to the final address."
    );
  }
  const said = text.split(/\s+/).filter(Boolean).join(" ").slice(0, 200);
  const quoted = said ? `: "${said}"` : "";
  const request = requestId ? ` (request ${requestId})` : "";
  return (
    `HTTP ${status} without a problem document${quoted}. Something between this client and the Pynomaly server ` +
    `answered, or baseUrl points to another program.${request}`
  );
}

function bare(text: string): string {
  return text.replace(/[. ]+$/, "");
}
