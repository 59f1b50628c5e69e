import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { apiRoot, sameServer } from "../src/address.js";
import { PynomalyClient, VERSION } from "../src/index.js";

let profile: string;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "pynomaly-"));
  mkdirSync(join(home, "pynomaly"));
  profile = join(home, "pynomaly", "profile.json");
  vi.stubEnv("XDG_CONFIG_HOME", home);
  vi.stubEnv("PYNOMALY_API_KEY", "");
  vi.stubEnv("PYNOMALY_BASE_URL", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function write(text: string, mode = 0o600): void {
  writeFileSync(profile, text);
  chmodSync(profile, mode);
}

const PROFILE = JSON.stringify({ base_url: "http://127.0.0.1:8123", api_key: "pyn_profile" });

test("an option wins over the environment, and that over the profile", () => {
  write(PROFILE);
  expect(new PynomalyClient().root).toBe("http://127.0.0.1:8123/api/v1");
  vi.stubEnv("PYNOMALY_BASE_URL", "https://env.example/v1");
  vi.stubEnv("PYNOMALY_API_KEY", "pyn_env");
  expect(new PynomalyClient().root).toBe("https://env.example/api/v1");
  expect(new PynomalyClient({ baseUrl: "https://option.example/proxy/api/v1/" }).root).toBe("https://option.example/proxy/api/v1");
});

test("the profile's key goes to its own server alone", () => {
  write(PROFILE);
  expect(new PynomalyClient({ baseUrl: "http://localhost:8123" }).root).toBe("http://localhost:8123/api/v1");
  expect(() => new PynomalyClient({ baseUrl: "https://other.example" })).toThrow(
    `No API key for https://other.example/api/v1. The profile ${profile} belongs to http://127.0.0.1:8123, so its key is not used. Give one in one of four ways`,
  );
});

test("a profile without a key has an address alone", () => {
  write(JSON.stringify({ base_url: "http://127.0.0.1:8123" }));
  expect(new PynomalyClient({ apiKey: "pyn_x" }).root).toBe("http://127.0.0.1:8123/api/v1");
  expect(() => new PynomalyClient()).toThrow("No API key for http://127.0.0.1:8123/api/v1. Give one in one of four ways");
});

test("a user logs in instead of a key, at the server that is found", () => {
  write(PROFILE);
  vi.stubEnv("PYNOMALY_API_KEY", "pyn_env");
  const user = { username: "ada", password: "correct horse" };
  expect(new PynomalyClient(user).root).toBe("http://127.0.0.1:8123/api/v1");
  expect(() => new PynomalyClient({ ...user, apiKey: "pyn_x" })).toThrow("Both apiKey and username were given; give one of them.");
  expect(() => new PynomalyClient({ username: "ada" })).toThrow("Give username and password together; tenant goes with them.");
});

test("without any key the error says where one may come from", () => {
  expect(() => new PynomalyClient()).toThrow("No API key for http://127.0.0.1:8000/api/v1. Give one in one of four ways: new PynomalyClient({ apiKey })");
});

test("a profile that cannot be read is told, and one that others can read is warned of", () => {
  write("[]");
  expect(() => new PynomalyClient()).toThrow("is not a JSON object with \"base_url\", and \"api_key\" if any");
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  write(PROFILE, 0o644);
  new PynomalyClient();
  expect(warned).toHaveBeenCalledWith(expect.stringContaining("other users can read it"), "InsecureProfileWarning");
});

test("a key that travels unencrypted is warned of", () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  new PynomalyClient({ apiKey: "pyn_x", baseUrl: "http://far.example" });
  expect(warned).toHaveBeenCalledWith("The credential goes unencrypted to http://far.example/api/v1; use https.", "InsecureTransportWarning");
});

test.each([
  ["ftp://a", "it is not an http or https address with a host"],
  ["nonsense", "it cannot be read as a URL"],
  ["https://user:secret@a", "it holds credentials; pass the key as apiKey"],
  ["https://a/?x=1", "it holds a query or a fragment"],
])("the address %s is refused without being repeated", (address, why) => {
  expect(() => apiRoot(address)).toThrow(`baseUrl is unusable: ${why}. Give it like https://pynomaly.example.com`);
});

test("a key with blanks is refused", () => {
  expect(() => new PynomalyClient({ apiKey: "pyn_ x", baseUrl: "https://a.example" })).toThrow("The API key holds spaces");
});

test("every spelling of this machine is one server", () => {
  expect(sameServer("http://localhost:1/api/v1", "http://[::1]:1/api/v1")).toBe(true);
  expect(sameServer("http://localhost:1/api/v1", "http://localhost:2/api/v1")).toBe(false);
  expect(sameServer("https://a.example/api/v1", "https://a.example:443/api/v1")).toBe(true);
});

test("the version is that of the package", () => {
  expect(VERSION).toBe((JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version);
});
