// Runs the audits of GraphQL over HTTP against a server, and prints {"ok": N, "others": ["ID status name: reason"]}.
// usage: PLINTH_NODE_TOOLS=… node audits.mjs URL
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { serverAudits } = require("graphql-http");

const [url] = process.argv.slice(2);
let ok = 0;
const others = [];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  if (result.status === "ok") ok += 1;
  else others.push(`${result.id} ${result.status} ${result.name}: ${result.reason}`);
}
console.log(JSON.stringify({ ok, others }));
