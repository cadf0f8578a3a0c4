// Makes a TypeScript client from schema.graphql by graphql-codegen, checks its types, and runs it.
// usage: node codegen.mjs REPOSITORY URL FOLDER
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [repository, url, folder] = process.argv.slice(2);
const tools = process.env.PLINTH_NODE_TOOLS;
const require = createRequire(join(tools, "package.json"));
const { codegen } = require("@graphql-codegen/core");
const { parse } = require("graphql");

const read = (path) => readFileSync(join(repository, path), "utf8");
const documents = ["service", "validate"].map((name) => {
  const location = `tests/clients/${name}.graphql`;
  return { location, document: parse(read(location)) };
});
const plugins = ["typescript-operations", "typed-document-node"];
const text = await codegen({
  filename: "generated.ts",
  schema: parse(read("schema.graphql")),
  documents,
  config: { strictScalars: true, useTypeImports: true, scalars: { Cursor: "string", DateTime: "string", Duration: "string", EntityRef: "string", JSON: "unknown", Revision: "number", URL: "string" } },
  plugins: plugins.map((name) => ({ [name]: {} })),
  pluginMap: Object.fromEntries(plugins.map((name) => [name, require(`@graphql-codegen/${name}`)])),
});
writeFileSync(join(folder, "generated.ts"), text);
copyFileSync(join(repository, "tests/clients/client.ts"), join(folder, "client.ts"));
symlinkSync(join(tools, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(folder, "package.json"), '{"type": "module"}');

const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
const bin = (name) => join(tools, "node_modules/.bin", name);
const types = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--allowImportingTsExtensions", "--skipLibCheck"];
const target = ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--types", "node", "--lib", "es2022,dom"];
try {
  execFileSync(bin("tsc"), [...types, ...target, "client.ts"], options);
} catch (error) {
  console.error(error.stdout);
  process.exit(1);
}
execFileSync(bin("esbuild"), ["client.ts", "--bundle", "--platform=node", "--format=esm", "--outfile=client.mjs", "--log-level=error"], options);
console.log(execFileSync("node", ["client.mjs", url], options).trim());
