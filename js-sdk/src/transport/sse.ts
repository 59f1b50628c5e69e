/** Reads server-sent events (WHATWG HTML, section 9.2) from the chunks of a stream. */

/** One event. */
export interface ServerEvent<Data = string> {
  /** Resumes the stream after it when sent as `Last-Event-ID`. */
  readonly id: string | undefined;
  /** Its kind. */
  readonly event: string;
  /** What it carries. */
  readonly data: Data;
}

/** Takes bytes as they come and gives whole events. */
export class EventParser {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #data: string[] = [];
  #event = "";
  #id: string | undefined;

  /** Add bytes; returns the events they complete. */
  feed(chunk: Uint8Array): ServerEvent[] {
    let text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    // A lone CR ends a line too, but one at the very end may be the first half of CRLF, so it waits for its successor.
    const held = text.endsWith("\r") ? "\r" : "";
    text = text.slice(0, text.length - held.length);
    const lines = text.split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + held;
    return lines.map((line) => this.#line(line)).filter((event) => event !== undefined);
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const data = this.#data;
    const event = this.#event;
    this.#data = [];
    this.#event = "";
    return data.length === 0 ? undefined : { id: this.#id, event: event || "message", data: data.join("\n") };
  }
}
