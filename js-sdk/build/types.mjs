// Writes src/contract/types.ts from the bundled contract; with --check it only says whether that is what is there.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const contract = new URL("../../server/src/pynomaly_server/contract/openapi.json", import.meta.url);
const target = new URL("../src/contract/types.ts", import.meta.url);
const header = "// Generated from openapi/ by `make generate`; do not edit.\n\n";

// What has a default may be left out of a request; the server fills it in.
const types = header + astToString(await openapiTS(contract, { defaultNonNullable: false }));
const present = await readFile(target, "utf8").catch(() => "");
if (process.argv.includes("--check")) {
  if (present !== types) {
    console.error("js-sdk/src/contract/types.ts: differs from the contract; run `make generate`, do not edit it.");
    process.exit(1);
  }
} else if (present !== types) {
  await writeFile(target, types);
  console.log("wrote js-sdk/src/contract/types.ts");
}
