// What Backstage's catalog says to a document or a reference: `@backstage/catalog-model`, called in the order in which the
// catalog's backend calls it when nothing is added to it.
//
// Reads lines {"id", "entity", "claimed"}, {"id", "parse": {"text", "kind", "namespace"}} with the defaults of a reference,
// and {"id", "write": {"kind", "namespace", "name"}}. Answers lines {"id", "ok"} with "message" for a refusal, "parts" and
// "text" for a reference. `claimed` says whether something that was added to the backend claims the kinds not built in.
//
// Two places go further. An API of the type `mcp-server` that has `remotes` is asked of the package's own validator for it.
// The schema of a Template is in another, large package, so that only what all kinds share is asked here.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const tools = process.env.PLINTH_NODE_TOOLS;
if (!tools) throw new Error("PLINTH_NODE_TOOLS is not set; it names the folder that holds node_modules");
const require = createRequire(`${tools}/`);
const model = require("@backstage/catalog-model");
const { compileCatalogModel, defaultCatalogEntityModel, mcpServerApiEntityValidator } = require("@backstage/catalog-model/alpha");

const envelope = model.entityEnvelopeSchemaValidator();
const schema = model.entitySchemaValidator();
const policies = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(model.makeValidator()),
]);
const validators = [
  model.apiEntityV1alpha1Validator,
  model.componentEntityV1alpha1Validator,
  model.resourceEntityV1alpha1Validator,
  model.groupEntityV1alpha1Validator,
  model.locationEntityV1alpha1Validator,
  model.userEntityV1alpha1Validator,
  model.systemEntityV1alpha1Validator,
  model.domainEntityV1alpha1Validator,
];
const kinds = compileCatalogModel([defaultCatalogEntityModel]);
const builtIn = new Set(kinds.listKinds().map(({ names }) => names.kind));

/** A document as it comes in: a map, with the annotations of its location, which replace its own. */
function located(document) {
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw new Error("it is no map");
  const entity = envelope(document);
  const annotations = entity.metadata.annotations || {};
  if (typeof annotations !== "object" || Array.isArray(annotations)) throw new Error("`metadata.annotations` is no map");
  const place = "file:/catalog-info.yaml";
  const added = { [model.ANNOTATION_LOCATION]: place, [model.ANNOTATION_ORIGIN_LOCATION]: place };
  return { ...entity, metadata: { ...entity.metadata, annotations: { ...annotations, ...added } } };
}

/** Some validator must know the kind; one that knows it and finds a fault throws. */
async function hasKind(entity, claimed) {
  const { apiVersion, kind, spec } = entity;
  if (kind === "Template") return apiVersion === "scaffolder.backstage.io/v1beta3";
  if (claimed && !builtIn.has(kind)) return true;
  const isMcpServer = kind === "API" && spec?.type === "mcp-server" && "remotes" in spec;
  for (const validator of isMcpServer ? [mcpServerApiEntityValidator] : validators) {
    if (await validator.check(entity)) return true;
  }
  return false;
}

/** Each reference in `spec` must be one; what is empty states none. */
function parseReferences(entity) {
  if (!builtIn.has(entity.kind)) return;
  const defaultNamespace = model.getCompoundEntityRef(entity).namespace;
  for (const { path, defaultKind } of kinds.getKind(entity).relationFields) {
    const value = entity.spec[path.replace("spec.", "")];
    if (!value) continue;
    for (const one of [value].flat()) model.parseEntityRef(one, { defaultKind, defaultNamespace });
  }
}

async function accept(document, claimed) {
  const entity = await policies.enforce(located(document));
  schema(entity);
  if (!(await hasKind(entity, claimed))) throw new Error("no validator knows its kind and version");
  parseReferences(entity);
  return {};
}

function parse({ text, kind, namespace }) {
  const parts = model.parseEntityRef(text, { defaultKind: kind ?? undefined, defaultNamespace: namespace ?? undefined });
  return { parts, text: model.stringifyEntityRef(parts) };
}

async function answer(request) {
  try {
    if ("parse" in request) return { ok: true, ...parse(request.parse) };
    if ("write" in request) return { ok: true, text: model.stringifyEntityRef(request.write) };
    return { ok: true, ...(await accept(request.entity, request.claimed)) };
  } catch (error) {
    return { ok: false, message: String(error.message) };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { id, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id, ...(await answer(request)) })}\n`);
}
