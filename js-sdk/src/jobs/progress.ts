/**
 * How far a job is, for people: a bar that is drawn over itself in terminals, lines that follow each other elsewhere.
 *
 * Loaded when somebody waits with `progress: true`.
 */
import type { Schemas } from "../generated/resources.js";
import { nodeProcess } from "../node.js";

type Job = Schemas["Job"];

/** Where it is shown: a stream of Node's, such as `process.stderr`. */
export interface Screen {
  /** Whether a person looks at it, so that a line may be drawn over. */
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR = 30;
// Where lines follow each other, one for each state and stage, and then one in ten seconds.
const LINE_EVERY = 10_000;

/** Shows each state of a job it is given. */
export class ProgressBar {
  readonly #screen: Screen;
  #first: { readonly at: number; readonly done: number } | undefined;
  #last: { readonly at: number; readonly topic: string } | undefined;
  #drawn = "";

  /** @param screen - Standard error where left out, and the console where there is none. */
  constructor(screen: Screen = nodeProcess()?.stderr ?? { write: (text) => { console.error(text.trimEnd()); } }) {
    this.#screen = screen;
  }

  /** Show a job as it is at `now`, in milliseconds of a clock that never goes back. */
  update(job: Job, now: number): void {
    const { done } = job.progress;
    if (!this.#first || done < this.#first.done) this.#first = { at: now, done };
    const text = this.#text(job, now);
    if (this.#screen.isTTY) {
      // A line that is broken in two cannot be drawn over; a terminal that does not know its width has 80 columns.
      const { columns = 0 } = this.#screen;
      const line = text.slice(0, (columns > 0 ? columns : 80) - 1);
      this.#screen.write(`\r${line.padEnd(this.#drawn.length)}`);
      this.#drawn = line;
      return;
    }
    const topic = `${job.state} ${job.progress.stage}`;
    if (this.#last?.topic === topic && now - this.#last.at < LINE_EVERY) return;
    this.#last = { at: now, topic };
    this.#screen.write(`${text}\n`);
  }

  /** End the line; nothing more follows. */
  close(): void {
    if (this.#drawn) this.#screen.write("\n");
    this.#drawn = "";
  }

  #text(job: Job, now: number): string {
    const { done, total, stage } = job.progress;
    const label = ["running", "succeeded"].includes(job.state) ? stage : job.state;
    if (!total) return `${job.job_id.slice(0, 12)}… ${label} ${amount(done)} rows`;
    const share = Math.min(1, done / total);
    const filled = Math.round(share * BAR);
    const bar = `[${"#".repeat(filled)}${".".repeat(BAR - filled)}] ${`${Math.round(share * 100)}%`.padStart(4)}`;
    return `${label.padEnd(9)} ${bar} ${amount(done)}/${amount(total)} rows${this.#pace(done, total, now)}`;
  }

  /** Rows per second since the first look, and what that means for those that are left. */
  #pace(done: number, total: number, now: number): string {
    const first = this.#first;
    if (!first || now <= first.at || done <= first.done) return "";
    const rate = (done - first.done) / ((now - first.at) / 1000);
    return ` ${amount(Math.round(rate))} rows/s${done < total ? `, ${duration((total - done) / rate)} left` : ""}`;
  }
}

function amount(value: number): string {
  return value.toLocaleString("en-US");
}

/** Seconds in words. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
