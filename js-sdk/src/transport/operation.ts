/** What the driver needs to know of the operations, and how the generated table says it. */

/** One operation of the contract. */
export interface Operation {
  /** Its `operationId`. */
  readonly id: string;
  /** HTTP method in capitals. */
  readonly method: string;
  /** Path below the base path, with `{names}` of its parameters. */
  readonly path: string;
  /** Whether, and under which condition, a call may be made again. */
  readonly retry: "safe" | "idempotency-key" | "never";
  /** How long a call may take where nobody says otherwise: 10, 30 or 120 seconds. */
  readonly timeout: "short" | "normal" | "long";
  /** Group of operations that share a circuit breaker. */
  readonly breaker: string;
}

/** An operation with what its methods take and give. */
export interface DescribedOperation extends Operation {
  /** Name of its resource on the client. */
  readonly resource: string;
  /**
   * `body` and `params` where it takes them; `read`, `events`, `stream` and `list` for an answer of bytes, of events, one that
   * may also be streamed, and one in pages.
   */
  readonly traits: ReadonlySet<string>;
  /** Which of its parameters are headers. */
  readonly headers: readonly string[];
}

/**
 * Read a table of operations. A line `:name` begins those of a resource; any other one is the id, the method, the path and
 * traits, where what most operations share is left out: `safe`, `short`, and a breaker of the resource's name.
 */
export function readOperations<Id extends string>(table: string): Readonly<Record<Id, DescribedOperation>> {
  const operations: Record<string, DescribedOperation> = {};
  let resource = "";
  for (const line of table.split("\n")) {
    const [id = "", method = "", path = "", ...traits] = line.split(" ");
    const said = (name: string) => traits.filter((each) => each.startsWith(`${name}=`)).map((each) => each.slice(name.length + 1));
    if (id.startsWith(":")) resource = id.slice(1);
    else {
      operations[id] = {
        id,
        method,
        path,
        retry: (said("retry")[0] ?? "safe") as Operation["retry"],
        timeout: (said("timeout")[0] ?? "short") as Operation["timeout"],
        breaker: said("breaker")[0] ?? resource,
        resource,
        traits: new Set(traits),
        headers: said("header"),
      };
    }
  }
  return operations as Record<Id, DescribedOperation>;
}
