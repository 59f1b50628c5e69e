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
  /** Whether it takes a body. */
  readonly body?: true;
  /** Whether it takes parameters beside those of the path. */
  readonly params?: true;
  /** Which of these are headers, with commas between them. */
  readonly header?: string;
  /** Which of these is JSON even where it is no object. */
  readonly json?: string;
  /** Whether it answers with bytes. */
  readonly read?: true;
  /** Whether it answers with events. */
  readonly events?: true;
  /** Whether the answer may also be had as a stream. */
  readonly stream?: true;
  /** Whether it answers in pages. */
  readonly list?: true;
}

/**
 * Read a table of operations. A line `:name` begins those of a resource; any other one is the id, the method, the path and
 * traits, where what most operations share is left out: `safe`, `short`, and a breaker of the resource's name.
 */
export function readOperations<Id extends string>(table: string): Readonly<Record<Id, DescribedOperation>> {
  const operations: Record<string, DescribedOperation> = {};
  let resource = "";
  for (const line of table.trim().split("\n")) {
    const [id = "", method = "", path = "", ...traits] = line.split(" ");
    if (!method) resource = id.slice(1);
    else {
      operations[id] = {
        id,
        method,
        path,
        retry: "safe",
        timeout: "short",
        breaker: resource,
        resource,
        ...(Object.fromEntries(traits.map((trait) => [...trait.split("="), true])) as object),
      };
    }
  }
  return operations as Record<Id, DescribedOperation>;
}
