// Glue between npm's graphiql and the page: workers, fetcher, first query. Bundled with it by tests/setup/graphiql.sh,
// so that the page needs no inline script and no other host.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { GraphiQL } from "graphiql";
import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import "graphiql/style.css";
import "./graphiql.css";

const base = new URL(".", document.currentScript.src);
const endpoint = new URL("../graphql", base);

// The editor does its parsing and validation in workers; each is a file of its own beside this one.
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = label === "json" || label === "graphql" ? label : "editor";
    return new Worker(new URL(`${name}.worker.js`, base));
  },
};

async function fetcher(params, options = {}) {
  const response = await fetch(endpoint, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      accept: "application/graphql-response+json, application/json",
      ...options.headers,
      "content-type": "application/json",
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 500)}`);
  }
}

const firstQuery = `# A component of the sample catalog,
# whose it is, and what it depends on.
# Ctrl+Enter runs it.

query UserService {
  entity(ref: "component:default/user-service") {
    name
    title
    owner {
      ref
      displayName
    }
    system {
      ref
      displayName
    }
    ... on Component {
      dependsOn(first: 20) {
        nodes {
          ref
          kind
          displayName
        }
      }
    }
  }
}
`;

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: firstQuery,
    visiblePlugin: DOC_EXPLORER_PLUGIN,
    defaultEditorToolsVisibility: false,
  }),
);
