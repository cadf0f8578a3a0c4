// Checks webhook payloads against the schemas that GitHub publishes, and prints what does not fit as JSON.
// The input is JSON: [{event, payload}…].
// usage: PLINTH_NODE_TOOLS=… node webhooks.mjs
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const tools = process.env.PLINTH_NODE_TOOLS;
const require = createRequire(resolve(tools, "package.json"));
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const description = JSON.parse(
  readFileSync(resolve(tools, "node_modules/@octokit/openapi-webhooks/generated/api.github.com.json"), "utf8"),
);
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
addFormats(ajv);
ajv.addSchema(description, "github");

/** `repository` with the action `renamed` is described as `repository-renamed`. */
function misfits({ event, payload }) {
  const name = payload.action ? `${event}-${payload.action.replaceAll("_", "-")}` : event;
  const webhook = description.webhooks[name];
  if (!webhook) return [`GitHub has no webhook \`${name}\``];
  const { $ref } = webhook.post.requestBody.content["application/json"].schema;
  const validate = ajv.getSchema(`github${$ref}`);
  if (validate(payload)) return [];
  return validate.errors.map((error) => `${name}${error.instancePath}: ${error.message}`);
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).flatMap(misfits)));
