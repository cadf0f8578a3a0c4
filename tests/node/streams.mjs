// Speaks to a server by the client of `graphql-sse`, one connection an operation, and prints what it saw as JSON.
// usage: PLINTH_NODE_TOOLS=… node streams.mjs URL
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { createClient } = require("graphql-sse");

const [url] = process.argv.slice(2);
const client = createClient({ url, fetchFn: fetch, retryAttempts: 0 });

/** All results of an operation. */
const ask = (query, variables) =>
  new Promise((resolve) => {
    const results = [];
    client.subscribe(
      { query, variables },
      {
        next: (result) => results.push(result),
        error: (error) => resolve({ failed: String(error) }),
        complete: () => resolve({ results }),
      },
    );
  });

const seen = {
  query: await ask("query($ref: EntityRef!) {entity(ref: $ref) {name}}", { ref: "component:a" }),
  mutation: await ask('mutation {refreshEntity(input: {ref: "component:a", wait: "PT20S"}) {sync {state}}}'),
  invalid: await ask("{nothing}"),
  subscription: await ask("subscription {a}"),
};
client.dispose();
console.log(JSON.stringify(seen));
