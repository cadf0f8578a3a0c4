// Says what of a schema's next version breaks clients of the one before, unless a list has it.
// usage: node breaking.mjs BEFORE AFTER LIST
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { buildSchema, findBreakingChanges } = require("graphql");

const [before, after, list] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const decided = new Set(list.split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(" # ")[0].trim()));
const breaking = findBreakingChanges(buildSchema(before), buildSchema(after)).map((change) => change.description);
const undecided = breaking.filter((description) => !decided.has(description));
for (const description of undecided) console.log(description);
process.exit(undecided.length > 0 ? 1 : 0);
