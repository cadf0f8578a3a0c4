// Lints schema.graphql: `make lint-schema`, run from the root. What is off or softened says why.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { default: plugin, configs, parser } = require("@graphql-eslint/eslint-plugin");

export default [
  {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": plugin },
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema: resolve("schema.graphql") } } },
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      // A value object has no id; what has one implements Node.
      "@graphql-eslint/strict-id-in-types": "off",
      // `API.apiVersion` is the name that the documents themselves use.
      "@graphql-eslint/no-typename-prefix": "off",
      // Connections of values ([Relation!], lines of a log) are no lists of nodes, and `nodes` stands beside `edges`.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      "@graphql-eslint/input-name": "error",
      "@graphql-eslint/no-scalar-result-type-on-mutation": "error",
      "@graphql-eslint/require-nullable-result-in-root": "error",
      // Stands for require-deprecation-date, which wants an argument that @deprecated does not have.
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "Directive[name.value=deprecated] > Argument[name.value=reason] > StringValue:not([value=/\\d{4}-\\d{2}-\\d{2}/])",
          message: "The reason of a deprecation says when the name goes: `… removal 2027-04-01`.",
        },
      ],
    },
  },
];
