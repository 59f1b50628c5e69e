import { APIResponseError } from "../errors.js";

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** The items of every page, fetched as they are needed. */
export async function* eachItem<Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
  first: string | undefined,
): AsyncGenerator<Item, void, undefined> {
  let cursor = first;
  for (;;) {
    const page = await fetchPage(cursor);
    yield* page.items;
    if (page.next_cursor === null) return;
    if (page.next_cursor === cursor) throw new APIResponseError("The server gave the cursor of this page as the next one.");
    cursor = page.next_cursor;
  }
}
