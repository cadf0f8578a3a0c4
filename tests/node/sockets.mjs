// Speaks to a server by the client of `graphql-ws`, and prints what it saw as JSON.
// usage: PLINTH_NODE_TOOLS=… node sockets.mjs URL
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { createClient } = require("graphql-ws");
const WebSocket = require("ws");

const [url] = process.argv.slice(2);
const seen = { events: [] };
let ponged, ended;
const pong = new Promise((resolve) => (ponged = resolve));
const end = new Promise((resolve) => (ended = resolve));
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  lazy: false,
  retryAttempts: 0,
  keepAlive: 50,
  on: {
    connected: () => seen.events.push("connected"),
    closed: (event) => {
      seen.events.push(`closed ${event.code}`);
      ended();
    },
    pong: (received) => received && ponged(),
  },
});

/** All results of an operation, or what it was refused with. */
const ask = (query, variables) =>
  new Promise((resolve) => {
    const results = [];
    client.subscribe(
      { query, variables },
      {
        next: (result) => results.push(result),
        error: (error) => resolve({ refused: error }),
        complete: () => resolve({ results }),
      },
    );
  });

seen.query = await ask("query($ref: EntityRef!) {entity(ref: $ref) {name}}", { ref: "component:a" });
seen.mutation = await ask('mutation {refreshEntity(input: {ref: "component:a", wait: "PT20S"}) {sync {state}}}');
seen.partial = await ask('{node(id: "nonsense") {id} catalogRevision}');
seen.invalid = await ask("{nothing}");
seen.unreadable = await ask("{");
seen.subscription = await ask("subscription {a}");
const many = await Promise.all(Array.from({ length: 90 }, () => ask("{server {name}}")));
seen.many = many.filter(({ results }) => results?.length === 1 && results[0].data.server.name === "Test").length;
await pong;
await client.dispose();
await end;
console.log(JSON.stringify(seen));
