/**
 * Keeps a user logged in: logs in before the first call, and renews the access token before it ends.
 *
 * Loaded at the first call of a client that has no key.
 */
import { APIError, ConfigurationError } from "./errors.js";
import type { Identity } from "./connection.js";
import { operations } from "./generated/operations.js";
import type { Schemas } from "./generated/resources.js";
import type { SessionFile, Tokens } from "./session.js";
import type { Driver } from "./transport/driver.js";
import type { Bearer } from "./transport/request.js";

// Share of a token's life after which it is renewed before it is used.
const RENEWED_AFTER = 0.9;

/** The access token of one user, for all calls of a client: of many that need another, one gets it and the others wait. */
export class Login implements Bearer {
  readonly #driver: Driver;
  readonly #who: Identity | SessionFile;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;

  /**
   * @param driver - Carries the calls, without a credential of its own.
   * @param who - Who logs in, or the file of the session that `pynomaly login` has begun.
   */
  constructor(driver: Driver, who: Identity | SessionFile) {
    this.#driver = driver;
    this.#who = who;
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
    return tokens && tokens.access !== refused ? tokens.access : (await this.#other(refused)).access;
  }

  /** End the session; the next call logs in again where the password is known. */
  async logOut(): Promise<void> {
    const who = this.#who;
    const tokens = "read" in who ? (await who.read())?.tokens : this.#tokens;
    this.#tokens = undefined;
    if ("read" in who) await who.remove();
    if (tokens) await this.#driver.call(operations.revokeToken, { body: { refresh_token: tokens.refresh } });
  }

  #other(refused?: string): Promise<Tokens> {
    this.#renewal ??= this.#obtained(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #obtained(refused: string | undefined): Promise<Tokens> {
    const who = this.#who;
    this.#tokens = await ("read" in who ? this.#shared(who, refused) : this.#own(who));
    return this.#tokens;
  }

  /** The tokens of the file, renewed where they have to be and no other process has done so. */
  async #shared(file: SessionFile, refused: string | undefined): Promise<Tokens> {
    const { clock } = this.#driver;
    return file.alone(async () => {
      const kept = await file.read();
      if (!kept) throw new ConfigurationError("Nobody is logged in any more. Run `pynomaly login`.");
      const { tokens } = kept;
      if (tokens.access !== refused && clock.time() < tokens.renewAt) return tokens;
      const renewed = await this.#exchanged(tokens);
      await file.write({ ...kept, tokens: renewed });
      return renewed;
    });
  }

  async #own(who: Identity): Promise<Tokens> {
    const before = this.#tokens;
    if (before) {
      try {
        return await this.#exchanged(before);
      } catch (error) {
        // A renewal whose answer was lost cannot be repeated, but a login can.
        if (!(error instanceof APIError)) throw error;
      }
    }
    return this.#ask("createToken", who);
  }

  #exchanged(tokens: Tokens): Promise<Tokens> {
    return this.#ask("refreshToken", { refresh_token: tokens.refresh });
  }

  async #ask(operation: "createToken" | "refreshToken", body: object): Promise<Tokens> {
    const pair = await this.#driver.call<Schemas["TokenPair"]>(operations[operation], { body });
    const now = this.#driver.clock.time();
    const life = pair.expires_in * 1000;
    return {
      access: pair.access_token,
      refresh: pair.refresh_token,
      renewAt: now + life * RENEWED_AFTER,
      goodUntil: now + life,
    };
  }
}
