/** Keeps a user logged in: logs in before the first call, and renews the access token before it ends. */
import { APIError, ConfigurationError } from "./errors.js";
import { operations } from "./generated/operations.js";
import type { Schemas } from "./generated/resources.js";
import type { Driver } from "./transport/driver.js";
import type { Bearer } from "./transport/request.js";

/** Who logs in. */
export interface Identity {
  readonly username: string;
  readonly password: string;
  readonly tenant?: string;
}

interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly renewAt: number;
  readonly goodUntil: number;
}

// Share of a token's life after which it is renewed before it is used.
const RENEWED_AFTER = 0.9;

/**
 * Who logs in, where that is anybody.
 *
 * @throws ConfigurationError: One of username and password is missing, or nobody is in the tenant.
 */
export function identity(
  username: string | undefined,
  password: string | undefined,
  tenant: string | undefined,
): Identity | undefined {
  if (username && password) return { username, password, ...(tenant && { tenant }) };
  if (username || password || tenant) {
    throw new ConfigurationError("Give username and password together; tenant goes with them.");
  }
  return undefined;
}

/** The access token of one user, for all calls of a client: of many that need another, one gets it and the others wait. */
export class Login implements Bearer {
  readonly #driver: Driver;
  readonly #identity: Identity;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;

  /**
   * @param driver - Carries the calls, without a credential of its own.
   * @param who - Who logs in.
   */
  constructor(driver: Driver, who: Identity) {
    this.#driver = driver;
    this.#identity = who;
  }

  async token(): Promise<string> {
    const tokens = this.#tokens;
    const now = this.#driver.clock.time();
    if (tokens && now < tokens.renewAt) return tokens.access;
    try {
      return (await this.#other()).access;
    } catch (error) {
      // What is still good for a while does for this call; the next tries again.
      if (tokens && now < tokens.goodUntil && error instanceof APIError) return tokens.access;
      throw error;
    }
  }

  async renewed(refused: string): Promise<string> {
    const tokens = this.#tokens;
    return tokens && tokens.access !== refused ? tokens.access : (await this.#other()).access;
  }

  /** End the session; the next call logs in again. */
  async logOut(): Promise<void> {
    const tokens = this.#tokens;
    this.#tokens = undefined;
    if (tokens) await this.#driver.call(operations.revokeToken, { body: { refresh_token: tokens.refresh } });
  }

  #other(): Promise<Tokens> {
    this.#renewal ??= this.#obtained().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #obtained(): Promise<Tokens> {
    const before = this.#tokens;
    let pair: Schemas["TokenPair"] | undefined;
    if (before) {
      // A renewal whose answer was lost cannot be repeated, but a login can.
      pair = await this.#ask("refreshToken", { refresh_token: before.refresh }).catch((error: unknown) => {
        if (error instanceof APIError) return undefined;
        throw error;
      });
    }
    pair ??= await this.#ask("createToken", this.#identity);
    const now = this.#driver.clock.time();
    const life = pair.expires_in * 1000;
    this.#tokens = {
      access: pair.access_token,
      refresh: pair.refresh_token,
      renewAt: now + life * RENEWED_AFTER,
      goodUntil: now + life,
    };
    return this.#tokens;
  }

  #ask(operation: "createToken" | "refreshToken", body: object): Promise<Schemas["TokenPair"]> {
    return this.#driver.call(operations[operation], { body });
  }
}
