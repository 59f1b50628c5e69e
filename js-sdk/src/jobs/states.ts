/** What a job's state means for somebody who waits for it. */
import { APITimeoutError, JobCancelledError, JobFailedError, UnknownJobStateError, type APIError } from "../errors.js";
import type { Schemas } from "../generated/resources.js";

type Job = Schemas["Job"];

/** How a job stands: still under way, or over in one of three ways. */
export type Standing =
  | { readonly over: false }
  | { readonly over: true; readonly error?: JobFailedError | JobCancelledError };

/**
 * Read a job's state.
 *
 * @throws UnknownJobStateError: It is one that this version does not know.
 */
export function standing(job: Job): Standing {
  switch (job.state) {
    case "succeeded":
      return { over: true };
    case "queued":
    case "running":
      return { over: false };
    case "failed":
      return { over: true, error: new JobFailedError(job.job_id, job.error ?? undefined) };
    case "cancelled":
      return { over: true, error: new JobCancelledError(job.job_id) };
    default:
      throw new UnknownJobStateError(job.job_id, job.state);
  }
}

/** The error of a wait whose time is up before the job's end. */
export function stillRunning(jobId: string, job: Job | undefined, timeout: number, last: APIError | undefined): APITimeoutError {
  const total = job?.progress.total ?? undefined;
  const known = job ? `${job.state}, ${job.progress.done}${total === undefined ? "" : ` of ${total}`} rows done` : "unknown";
  const doubt = last ? ` The last poll failed: ${last.message}` : "";
  return new APITimeoutError(
    `Job ${jobId} has not ended within ${timeout} ms (state: ${known}). It goes on at the server: call wait() again, or ` +
      `keep toToken() and take it up later with client.jobs.resume(token).${doubt}`,
    { attempts: last?.attempts },
  );
}
