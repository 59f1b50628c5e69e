/** A client of a server in memory, for the tests. */
import { PynomalyClient, type ClientOptions } from "../src/index.js";
import { FakeServer, VirtualClock } from "../src/testing.js";

export interface Rig {
  readonly server: FakeServer;
  readonly clock: VirtualClock;
  readonly client: PynomalyClient;
}

export function rig(options: ClientOptions = {}): Rig {
  const server = new FakeServer();
  const clock = new VirtualClock();
  const client = new PynomalyClient({ apiKey: "pyn_test_key", baseUrl: server.url, fetch: server.fetch, clock, ...options });
  return { server, clock, client };
}

export const AMOUNTS = [10, 11, 9, 10, 12, 10, 11, 9, 10, 50].map((amount) => ({ amount }));

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("it did not fail");
}
