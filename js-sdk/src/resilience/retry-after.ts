/** Reading `Retry-After`, which is a number of seconds or an HTTP date (RFC 9110, section 10.2.3). */

const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Return the milliseconds to wait, or undefined where the header is absent or unreadable.
 *
 * @param value - The header's value.
 * @param now - Milliseconds since the epoch, to measure a date against.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const text = (value ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!DATE.test(text)) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
