// Builds dist/: an ES module and a CommonJS module of each entry, and the declarations of both.
//
// `require("pynomaly-js")` is the class itself, with every other export as a property of it.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";

// 25 kB of 1,024 bytes.
const LIMIT = 25 * 1024;
const root = fileURLToPath(new URL("..", import.meta.url));
const path = (name) => `${root}${name}`;

await rm(path("dist"), { recursive: true, force: true });
const shared = { bundle: true, platform: "neutral", target: "es2022", sourcemap: true, sourcesContent: false, legalComments: "none", charset: "utf8" };
const others = [path("src/webhooks.ts"), path("src/testing.ts")];
const commonJsOutput = { outdir: path("dist"), outExtension: { ".js": ".cjs" }, format: "cjs" };
// What several entries need is in a file of its own, so that an error is an instance of one class wherever it is thrown.
await build({ ...shared, entryPoints: [path("src/index.ts"), ...others], outdir: path("dist"), format: "esm", splitting: true, chunkNames: "shared-[hash]" });
await build({
  ...shared,
  ...commonJsOutput,
  entryPoints: [path("src/index.ts")],
  footer: { js: "module.exports = Object.assign(module.exports.PynomalyClient, module.exports);" },
});
const errorsOfIndex = {
  name: "errors-of-index",
  setup: (bundler) => bundler.onResolve({ filter: /\/errors\.js$/ }, () => ({ path: "./index.cjs", external: true })),
};
await build({ ...shared, ...commonJsOutput, entryPoints: others, plugins: [errorsOfIndex] });
await declare();
await measure();

/** Write the declarations: for `import` as the compiler gives them, for `require` a copy read as CommonJS. */
async function declare() {
  const config = ts.getParsedCommandLineOfConfigFile(path("tsconfig.types.json"), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail });
  const program = ts.createProgram(config.fileNames, config.options);
  const faults = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  if (faults.length > 0) fail(faults);
  const emitted = config.fileNames.map((name) => name.replace(path("src/"), path("dist/")).replace(/\.ts$/, ".d.ts"));
  if (!emitted.every((name) => ts.sys.fileExists(name))) fail([]);
  const folders = program
    .getSourceFiles()
    .filter((file) => file.fileName.startsWith(path("src/")))
    .map((file) => file.fileName.slice(path("src/").length).replace(/\.ts$/, ".d.ts"));
  await mkdir(path("dist/commonjs"), { recursive: true });
  for (const name of folders) await cp(path(`dist/${name}`), path(`dist/commonjs/${name}`));
  // A namespace can only refer to what was not exported as a type alone.
  const index = await readFile(path("dist/commonjs/index.d.ts"), "utf8");
  await writeFile(path("dist/commonjs/index.d.ts"), index.replaceAll("export type {", "export {"));
  await writeFile(path("dist/commonjs/package.json"), '{ "type": "commonjs" }\n');
  await writeFile(path("dist/index.d.cts"), commonJs(program));
  for (const name of ["webhooks", "testing"]) {
    await writeFile(path(`dist/${name}.d.cts`), `export * from "./commonjs/${name}.js";\n`);
  }
}

/** What `require` gives: the class, merged with a namespace of everything else. */
function commonJs(program) {
  const checker = program.getTypeChecker();
  const index = checker.getSymbolAtLocation(program.getSourceFile(path("src/index.ts")));
  const names = checker
    .getExportsOfModule(index)
    .map((symbol) => symbol.getName())
    .filter((name) => !["default", "PynomalyClient"].includes(name));
  return [
    'import everything = require("./commonjs/index.js");',
    "declare class PynomalyClient extends everything.PynomalyClient {}",
    "declare namespace PynomalyClient {",
    "  export { PynomalyClient };",
    ...names.sort().map((name) => `  export import ${name} = everything.${name};`),
    "}",
    "export = PynomalyClient;",
    "",
  ].join("\n");
}

/** Say how large the client is in a bundle, and fail where it is too large. */
async function measure() {
  const minified = { ...shared, sourcemap: false, entryPoints: [path("src/index.ts")], format: "esm", minify: true, write: false };
  // What `import()` brings: files, progress bars, spans and sessions are in a file of their own until they are used.
  const later = {
    name: "later",
    setup: (bundler) =>
      bundler.onResolve({ filter: /./ }, ({ kind, path: name }) => (kind === "dynamic-import" ? { path: name, external: true } : undefined)),
  };
  const [core, whole] = await Promise.all([build({ ...minified, plugins: [later] }), build(minified)]);
  const sizes = [core, whole].map(({ outputFiles: [{ contents }] }) => [contents.length, gzipSync(contents, { level: 9 }).length]);
  const [[bytes, size], [, all]] = sizes;
  const { version } = JSON.parse(await readFile(path("package.json"), "utf8"));
  console.log(
    `pynomaly-js ${version}: ${bytes} bytes minified, ${size} bytes with gzip, of ${LIMIT} at most; ` +
      `${all - size} more where files, progress bars, spans and sessions are used`,
  );
  if (size > LIMIT) process.exit(1);
}

function fail(faults) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => "\n" };
  console.error(ts.formatDiagnostics([faults].flat(), host));
  process.exit(1);
}
