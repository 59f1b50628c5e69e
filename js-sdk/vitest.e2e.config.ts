import { defineConfig } from "vitest/config";

// Run by tests/e2e/test_javascript.py, which starts the server that these tests need.
export default defineConfig({
  test: { include: ["tests/e2e/*.e2e.ts"], pool: "threads", poolOptions: { threads: { singleThread: true } }, testTimeout: 120_000, hookTimeout: 120_000 },
});
