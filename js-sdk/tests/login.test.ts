import { expect, test } from "vitest";
import { PynomalyClient, type ClientOptions } from "../src/index.js";
import { FakeServer, problem, stalled, VirtualClock, type FakeRequest } from "../src/testing.js";
import { failure } from "./rig.js";

const LIFE = 900_000;
const CALLER = { tenant_id: "ten_1", subject: "usr_1", role: "analyst", scopes: ["*"] };

/** A server that gives tokens and knows which are good; `asked` has the operations in their order. */
function office(options: ClientOptions = {}) {
  const server = new FakeServer();
  const clock = new VirtualClock();
  let number = 0;
  const good = new Set<string>();
  const state = { server, clock, good, broken: false, asked: () => server.requests.map(({ operationId }) => operationId) };
  const pair = () => {
    number += 1;
    good.add(`access.${number}`);
    return { access_token: `access.${number}`, refresh_token: `pyr_${number}`, token_type: "Bearer", expires_in: LIFE / 1000 };
  };
  server.answer("createToken", ({ body }) =>
    (JSON.parse(body!) as { password: string }).password === "right" ? pair() : problem(401, "unauthenticated"),
  );
  server.answer("refreshToken", () => (state.broken ? problem(503, "unavailable") : pair()));
  server.answer("revokeToken", () => new Response(null, { status: 204 }));
  server.answer("whoAmI", ({ headers }: FakeRequest) =>
    good.has(headers.get("authorization")!.replace("Bearer ", "")) ? CALLER : problem(401, "unauthenticated"),
  );
  const user = { username: "ada", password: "right" };
  const client = new PynomalyClient({ ...user, baseUrl: server.url, fetch: server.fetch, clock, maxRetries: 0, ...options });
  return { ...state, state, client, who: async () => (await client.auth.whoAmI()).subject };
}

test("the first call logs in, and the next goes on with the token", async () => {
  const { who, asked, server } = office({ tenant: "north" });
  expect([await who(), await who()]).toEqual(["usr_1", "usr_1"]);
  expect(asked()).toEqual(["createToken", "whoAmI", "whoAmI"]);
  expect(JSON.parse(server.requests[0]!.body!)).toEqual({ username: "ada", password: "right", tenant: "north" });
  expect(server.requests[0]!.headers.has("authorization")).toBe(false);
});

test("a token is renewed before it ends", async () => {
  const { who, asked, clock } = office();
  await who();
  clock.advance(LIFE * 0.95);
  await who();
  expect(asked()).toEqual(["createToken", "whoAmI", "refreshToken", "whoAmI"]);
});

test("a session begins and goes on where the first address does not answer", async () => {
  const { server, clock, asked } = office();
  const refused = new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
  const fetch: typeof server.fetch = (input, init) => (input.startsWith("https://gone.") ? Promise.reject(refused) : server.fetch(input, init));
  const addresses = { baseUrl: "https://gone.example.com", baseUrls: [server.url] };
  const client = new PynomalyClient({ username: "ada", password: "right", ...addresses, fetch, clock, maxRetries: 0 });
  await client.auth.whoAmI();
  clock.advance(LIFE * 0.95);
  await client.auth.whoAmI();
  expect(asked()).toEqual(["createToken", "whoAmI", "refreshToken", "whoAmI"]);
});

test("a call that is refused is made again with another token, and once", async () => {
  const { who, asked, good, server } = office();
  await who();
  good.clear();
  expect(await who()).toBe("usr_1");
  expect(asked().slice(2)).toEqual(["whoAmI", "refreshToken", "whoAmI"]);
  server.answer("whoAmI", problem(401, "unauthenticated"));
  expect((await failure(who())).name).toBe("AuthenticationError");
  expect(asked().slice(5)).toEqual(["whoAmI", "refreshToken", "whoAmI"]);
});

test("where a renewal fails the password does", async () => {
  const { who, asked, state, clock } = office();
  await who();
  clock.advance(LIFE + 1);
  state.broken = true;
  expect(await who()).toBe("usr_1");
  expect(asked().slice(2)).toEqual(["refreshToken", "createToken", "whoAmI"]);
});

test("a token that is still good does where no other can be had", async () => {
  const { who, server, state, clock } = office();
  await who();
  clock.advance(LIFE * 0.95);
  state.broken = true;
  server.answer("createToken", problem(503, "unavailable"));
  expect(await who()).toBe("usr_1");
});

test("a wrong password is told, and nothing else is asked", async () => {
  const { who, asked } = office({ password: "wrong" });
  expect((await failure(who())).name).toBe("AuthenticationError");
  expect(asked()).toEqual(["createToken"]);
});

test("of many calls at once one renews", async () => {
  const { who, asked, clock } = office();
  await who();
  clock.advance(LIFE + 1);
  expect(new Set(await Promise.all(Array.from({ length: 20 }, who)))).toEqual(new Set(["usr_1"]));
  expect(asked().filter((each) => each !== "whoAmI")).toEqual(["createToken", "refreshToken"]);
});

test("the deadline and the signal of a call hold while it waits for a token", async () => {
  const { client, server, clock } = office();
  server.answer("createToken", stalled);
  const late = failure(client.auth.whoAmI({ timeout: 1000 }));
  await new Promise((resolve) => setTimeout(resolve));
  clock.advance(1000);
  expect((await late).name).toBe("APITimeoutError");
  const controller = new AbortController();
  const aborted = failure(client.auth.whoAmI({ signal: controller.signal }));
  controller.abort();
  expect((await aborted).name).toBe("APIAbortError");
});

test("logging out ends the session, also of a client with other options", async () => {
  const { client, asked, server } = office();
  const other = client.withOptions({ timeout: 5000 });
  await other.auth.whoAmI();
  await client.logOut();
  expect(asked()).toEqual(["createToken", "whoAmI", "revokeToken"]);
  expect(JSON.parse(server.requests[2]!.body!)).toEqual({ refresh_token: "pyr_1" });
});

test("neither password nor token is in what a client shows", async () => {
  const { client, who } = office();
  await who();
  const { inspect } = await import("node:util");
  expect(`${inspect(client, { depth: 9, showHidden: true })}${JSON.stringify(client)}`).not.toMatch(/right|access\.1|pyr_1/);
});
