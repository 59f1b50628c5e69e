// Packs the package as it would be published and looks at it through every way of importing it.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = fileURLToPath(new URL("..", import.meta.url));
const tarball = process.argv[2] ?? pack(await mkdtemp(join(tmpdir(), "pynomaly-js-")));
const data = await readFile(tarball);

const { messages } = await publint({ strict: true, pack: { tarball: Uint8Array.from(data).buffer } });
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const faults = messages.map((message) => `publint: ${formatMessage(message, manifest)}`);

const analysis = await checkPackage(createPackageFromTarballData(data));
// Node before 12.7 and old bundlers know no `exports`; the package says which Node it needs.
const modern = (problem) => problem.resolutionKind !== "node10";
faults.push(...(analysis.problems ?? [{ kind: "NoTypes" }]).filter(modern).map((problem) => `types: ${JSON.stringify(problem)}`));

if (!process.argv[2]) await rm(join(tarball, ".."), { recursive: true });
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log("The package is right for import and require, with its types.");

function pack(folder) {
  const said = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root, encoding: "utf8" });
  return join(folder, JSON.parse(said)[0].filename);
}
