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
    const request = (given: unknown[], streamed?: boolean) => requestOf(op, given, streamed);
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

/** The arguments of a method: the path's parameters, the body, the media type of a stream, the others, and the options. */
function requestOf(op: DescribedOperation, given: unknown[], streamed = false): CallRequest & { accept?: string } {
  const rest = [...given];
  const path = rest.splice(0, op.path.split("{").length - 1) as string[];
  const body = op.body ? rest.shift() : undefined;
  const accept = streamed ? { accept: rest.shift() as string } : {};
  const params = op.params ? Object.entries((rest.shift() ?? {}) as Given) : [];
  const query: Record<string, unknown> = {};
  const headers: Record<string, unknown> = {};
  for (const [name, value] of params) {
    const header = op.header?.split(",").find((each) => scriptName(each) === name);
    if (header) headers[header] = value;
    else query[name] = value;
  }
  return { path, query, headers, body, options: rest[0] as CallOptions | undefined, ...accept };
}

/** A header's name as a parameter: `Last-Event-ID` is `lastEventId`. */
function scriptName(header: string): string {
  return header.toLowerCase().replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
