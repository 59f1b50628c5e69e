/** Makes the classes of resources of the table of operations; the contract's types are put on them. */
import type { CallOptions } from "./options.js";
import type { Driver } from "./driver.js";
import type { DescribedOperation } from "./operation.js";
import { eachItem, type Page } from "./pages.js";
import type { CallRequest } from "./request.js";

type Given = Readonly<Record<string, unknown>>;
type Method = (this: Resource, ...given: unknown[]) => unknown;

/** What every resource has. */
export class Resource {
  /** @internal */
  protected readonly _driver: Driver;

  constructor(driver: Driver) {
    this._driver = driver;
  }

  /** @internal */
  static methods(op: DescribedOperation): Record<string, Method> {
    const { id } = op;
    const request = requests(op);
    return {
      [id](...given) {
        const { _driver } = this;
        if (op.events) return _driver.events(op, request(given));
        return op.read ? _driver.read(op, request(given)) : _driver.call(op, request(given));
      },
      ...(op.stream && {
        [`${id}Stream`](...given) {
          return this._driver.stream(op, request(given, true) as CallRequest & { accept: string });
        },
      }),
      ...(op.list && {
        [`${id}Iter`](...given) {
          const sent = request(given);
          const page = (cursor: unknown) => this._driver.call<Page<unknown>>(op, { ...sent, query: { ...sent.query, cursor } });
          return eachItem(page, sent.query?.["cursor"] as string | undefined);
        },
      }),
    };
  }
}

/** The classes of the resources by their names on the client. */
export function resourceClasses(operations: Readonly<Record<string, DescribedOperation>>): Record<string, typeof Resource> {
  const classes: Record<string, typeof Resource> = {};
  for (const op of Object.values(operations)) {
    const Class = (classes[op.resource] ??= class extends Resource {});
    Object.assign(Class.prototype, Resource.methods(op));
  }
  return classes;
}

/** What reads the arguments of a method: the path's parameters, the body, the media type of a stream, the others, and the options. */
function requests(op: DescribedOperation): (given: unknown[], streamed?: boolean) => CallRequest & { accept?: string } {
  const places = op.path.split("{").length - 1;
  const inHeaders = new Map(op.header?.split(",").map((header) => [scriptName(header), header]));
  return (given, streamed) => {
    let next = places;
    const path = given.slice(0, next) as string[];
    const body = op.body && given[next++];
    const accept = streamed && { accept: given[next++] as string };
    const query: Record<string, unknown> = {};
    const headers: Record<string, unknown> = {};
    const params = op.params && (given[next++] as Given | undefined);
    for (const name in params) {
      const header = inHeaders.get(name);
      if (header) headers[header] = params[name];
      else query[name] = params[name];
    }
    return { path, query, headers, body, options: given[next] as CallOptions | undefined, ...accept };
  };
}

/** A header's name as a parameter: `Last-Event-ID` is `lastEventId`. */
function scriptName(header: string): string {
  return header.toLowerCase().replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
