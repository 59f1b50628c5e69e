import { expect, test, vi } from "vitest";
import type { Schemas } from "../src/generated/resources.js";
import { duration, ProgressBar } from "../src/jobs/progress.js";
import { rig } from "./rig.js";

const ID = "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f";

function job(state: string, done: number, total: number | null, stage = "scoring"): Schemas["Job"] {
  return { job_id: ID, state, progress: { done, total, stage } } as Schemas["Job"];
}

/** Keeps what is written; one with columns is a terminal. */
function screen(columns?: number) {
  const written: string[] = [];
  return { written, isTTY: columns !== undefined, columns, write: (text: string) => written.push(text) };
}

test("a terminal has one line that is drawn over itself and ended", () => {
  const terminal = screen(120);
  const bar = new ProgressBar(terminal);
  bar.update(job("queued", 0, null, ""), 0);
  bar.update(job("running", 0, 10_000), 1000);
  bar.update(job("running", 2_500, 10_000), 2000);
  bar.update(job("succeeded", 10_000, 10_000, "done"), 4000);
  bar.close();
  expect(terminal.written.map((line) => line.trimEnd())).toEqual([
    "\rjob_0190c8f2… queued 0 rows",
    "\rscoring   [..............................]   0% 0/10,000 rows",
    "\rscoring   [########......................]  25% 2,500/10,000 rows 1,250 rows/s, 6 s left",
    "\rdone      [##############################] 100% 10,000/10,000 rows 2,500 rows/s",
    "",
  ]);
  // Nothing of a longer line before stays on the screen.
  expect(terminal.written[3]!.length).toBeGreaterThanOrEqual(terminal.written[2]!.length);
  expect(terminal.written[4]).toBe("\n");
});

test("a narrow terminal has one line all the same", () => {
  const terminal = screen(40);
  const bar = new ProgressBar(terminal);
  bar.update(job("running", 2_500, 10_000), 0);
  expect(terminal.written[0]).toHaveLength(40);
});

test("elsewhere lines follow each other, one for each stage and then one in ten seconds", () => {
  const log = screen();
  const bar = new ProgressBar(log);
  for (let second = 0; second <= 20; second += 1) bar.update(job("running", second, 40), second * 1000);
  bar.update(job("running", 21, 40, "writing"), 21_000);
  bar.close();
  expect(log.written).toEqual([
    "scoring   [..............................]   0% 0/40 rows\n",
    "scoring   [########......................]  25% 10/40 rows 1 rows/s, 30 s left\n",
    "scoring   [###############...............]  50% 20/40 rows 1 rows/s, 20 s left\n",
    "writing   [################..............]  53% 21/40 rows 1 rows/s, 19 s left\n",
  ]);
});

test.each([[59.4, "59 s"], [61, "1 min 01 s"], [7260, "2 h 01 min"]])("%d seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test("a wait shows the job on standard error where that is asked for, and tells whoever else watches", async () => {
  const { client, server } = rig();
  const running = { job_id: ID, state: "running", progress: { done: 1, total: 2, stage: "scoring" } };
  server.answer("getJobStatus", running, { ...running, state: "succeeded", progress: { done: 2, total: 2, stage: "done" } });
  const written: string[] = [];
  const spied = vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean(written.push(String(text))));
  const seen: string[] = [];
  try {
    await client.jobs.resume(ID).wait({ progress: true, onProgress: ({ state }) => seen.push(state) });
  } finally {
    spied.mockRestore();
  }
  expect(written.join("")).toMatch(/scoring .* 50% 1\/2 rows.*done .*100% 2\/2 rows/s);
  expect(written.at(-1)).toMatch(/\n$/);
  expect(seen).toEqual(["running", "succeeded"]);
});

test("a wait that fails leaves the line ended, and one without progress shows nothing", async () => {
  const { client, server } = rig();
  server.answer("getJobStatus", { job_id: ID, state: "failed", progress: { done: 1, total: 2, stage: "scoring" }, error: null });
  const written: string[] = [];
  const spied = vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean(written.push(String(text))));
  try {
    await expect(client.jobs.resume(ID).wait()).rejects.toThrow("failed");
    expect(written).toEqual([]);
    await expect(client.jobs.resume(ID).wait({ progress: true })).rejects.toThrow("failed");
  } finally {
    spied.mockRestore();
  }
  expect(written.at(-1)).toMatch(/\n$/);
});
