/** The session of `pynomaly login`, which both clients share in one file. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PynomalyClient } from "../src/index.js";
import { FakeServer, problem, VirtualClock } from "../src/testing.js";
import { failure } from "./rig.js";

const LIFE = 900_000;
let folder: string;
let file: string;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "pynomaly-"));
  folder = join(home, "pynomaly");
  file = join(folder, "session.json");
  mkdirSync(folder);
  vi.stubEnv("XDG_CONFIG_HOME", home);
  vi.stubEnv("PYNOMALY_API_KEY", "");
  vi.stubEnv("PYNOMALY_BASE_URL", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A session as `pynomaly login` writes it, a server that knows it, and clients of it. */
function office() {
  const server = new FakeServer();
  const clock = new VirtualClock();
  let number = 1;
  const good = new Set(["access.1"]);
  const claims: boolean[] = [];
  server.answer("refreshToken", ({ body }) => {
    claims.push(existsSync(join(folder, "session.renewing")));
    if ((JSON.parse(body!) as { refresh_token: string }).refresh_token !== `pyr_${number}`) return problem(401, "unauthenticated");
    number += 1;
    good.clear();
    good.add(`access.${number}`);
    return { access_token: `access.${number}`, refresh_token: `pyr_${number}`, token_type: "Bearer", expires_in: LIFE / 1000 };
  });
  server.answer("revokeToken", () => new Response(null, { status: 204 }));
  server.answer("whoAmI", ({ headers }) =>
    good.has(headers.get("authorization")!.replace("Bearer ", "")) ? { subject: "usr_1" } : problem(401, "unauthenticated"),
  );
  const now = clock.time() / 1000;
  const session = { base_url: server.url, username: "ada", access_token: "access.1", refresh_token: "pyr_1", renew_at: now + 810, good_until: now + 900 };
  writeFileSync(file, JSON.stringify(session), { mode: 0o600 });
  const make = (options = {}) => new PynomalyClient({ fetch: server.fetch, clock, maxRetries: 0, ...options });
  const who = async (client: PynomalyClient) => (await client.auth.whoAmI()).subject;
  const asked = () => server.requests.map(({ operationId }) => operationId);
  return { server, clock, claims, session, make, who, asked };
}

test("a kept session is used, and its renewal is kept for its owner alone", async () => {
  const { make, who, asked, clock, claims } = office();
  const client = make();
  expect(await who(client)).toBe("usr_1");
  clock.advance(LIFE);
  expect(await who(client)).toBe("usr_1");
  expect(asked()).toEqual(["whoAmI", "refreshToken", "whoAmI"]);
  const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const now = clock.time() / 1000;
  expect(kept).toEqual({
    base_url: "http://pynomaly.localhost", username: "ada", access_token: "access.2", refresh_token: "pyr_2", renew_at: now + 810, good_until: now + 900,
  }); // prettier-ignore
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect([claims, existsSync(join(folder, "session.renewing"))]).toEqual([[true], false]);
});

test("what another process has renewed is not renewed again", async () => {
  const { make, who, asked, clock } = office();
  const [one, other] = [make(), make()];
  await Promise.all([who(one), who(other)]);
  clock.advance(LIFE);
  expect(await who(one)).toBe("usr_1");
  expect(await who(other)).toBe("usr_1");
  expect(asked().filter((each) => each === "refreshToken")).toHaveLength(1);
});

test("of many clients at once one renews", async () => {
  const { make, who, asked, clock } = office();
  clock.advance(LIFE);
  await Promise.all(Array.from({ length: 8 }, () => who(make())));
  expect(asked().filter((each) => each === "refreshToken")).toHaveLength(1);
});

test("a claim that a dead process left behind is taken away", async () => {
  const { make, who, clock } = office();
  const claim = join(folder, "session.renewing");
  writeFileSync(claim, "");
  const before = Date.now() / 1000 - 31;
  utimesSync(claim, before, before);
  clock.advance(LIFE);
  expect(await who(make())).toBe("usr_1");
  expect(existsSync(claim)).toBe(false);
});

test("a session that the server has ended is told, and one that is gone", async () => {
  const { make, who, server } = office();
  server.answer("refreshToken", problem(401, "unauthenticated"));
  server.answer("whoAmI", problem(401, "unauthenticated"));
  const client = make();
  expect((await failure(who(client))).name).toBe("AuthenticationError");
  await client.logOut();
  expect(existsSync(file)).toBe(false);
  expect(JSON.parse(server.requests.at(-1)!.body!)).toEqual({ refresh_token: "pyr_1" });
  expect((await failure(who(client))).message).toBe("Nobody is logged in any more. Run `pynomaly login`.");
});

test("a session goes before the profile and stays with its server, and a key in the environment goes before it", async () => {
  const { make, who, asked } = office();
  writeFileSync(join(folder, "profile.json"), JSON.stringify({ base_url: "http://127.0.0.1:1", api_key: "pyn_profile" }), { mode: 0o600 });
  expect(make().root).toBe("http://pynomaly.localhost/api/v1");
  expect(make({ baseUrl: "http://127.0.0.1:1" }).root).toBe("http://127.0.0.1:1/api/v1");
  expect(() => make({ baseUrl: "https://other.example" })).toThrow("No API key for https://other.example/api/v1.");
  vi.stubEnv("PYNOMALY_API_KEY", "pyn_env");
  const keyed = make({ baseUrl: "http://pynomaly.localhost" });
  expect((await failure(who(keyed))).name).toBe("AuthenticationError");
  expect(asked()).toEqual(["whoAmI"]);
});

test("a session that cannot be read is told, with what helps", async () => {
  const { make, who, session } = office();
  writeFileSync(file, JSON.stringify({ ...session, renew_at: "soon" }));
  expect((await failure(who(make()))).message).toBe(
    `The session in ${file} cannot be read. Run \`pynomaly login\` again, or \`pynomaly logout\` to forget it.`,
  );
  writeFileSync(file, "[]");
  expect(() => make()).toThrow(`The session ${file} is not a JSON object with "base_url", and "api_key" if any; delete it, and \`pynomaly login\` writes it anew.`);
});
