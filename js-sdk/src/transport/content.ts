/** The media type of almost every body. */
export const JSON_TYPE = "application/json";

/** Bytes, or text, piece by piece. */
export type Chunks = AsyncIterable<Uint8Array | string> | ReadableStream<Uint8Array>;

/** What a body can be made of. */
export type ContentData = string | Uint8Array<ArrayBuffer> | Blob | Chunks | (() => Chunks);

/** The body of a request in the media type it already has. */
export class Content {
  /**
   * @param mediaType - Such as `text/csv`.
   * @param data - The bytes. What can be read only once (a stream) is sent only once, so such a request is not retried; a
   *   function gives a new stream for every attempt.
   * @param name - What an upload of it is called.
   */
  constructor(
    readonly mediaType: string,
    readonly data: ContentData,
    readonly name?: string,
  ) {}

  /** Whether the bytes can be read again for another attempt. */
  get replayable(): boolean {
    const { data } = this;
    return (
      typeof data === "string" || typeof data === "function" || data instanceof Uint8Array || data instanceof Blob
    );
  }
}

/** What `fetch` is given for a content and, where that is a stream, what the caller's own failed with, if it did. */
export interface Sendable {
  readonly body: BodyInit;
  readonly failure?: () => { readonly error: unknown } | undefined;
}

/** Make the body of one attempt. */
export function sendable(content: Content): Sendable {
  const { data } = content;
  if (typeof data === "string" || data instanceof Uint8Array || data instanceof Blob) {
    return { body: data };
  }
  const source = typeof data === "function" ? data() : data;
  const encoder = new TextEncoder();
  const chunks = (source as AsyncIterable<Uint8Array | string>)[Symbol.asyncIterator]();
  let failed: { error: unknown } | undefined;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(typeof next.value === "string" ? encoder.encode(next.value) : next.value);
      } catch (error) {
        failed = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await chunks.return?.();
    },
  });
  return { body, failure: () => failed };
}
