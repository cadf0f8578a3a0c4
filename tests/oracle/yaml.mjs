// What npm `yaml` 2 says with its default options. Reads lines {"id", "text"}, answers lines {"id", "ok", "docs"}: `ok` is
// whether every document of the text is without error, `docs` what they hold, as JSON.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const tools = process.env.PLINTH_NODE_TOOLS;
if (!tools) throw new Error("PLINTH_NODE_TOOLS is not set; it names the folder that holds node_modules");
const { parseAllDocuments } = createRequire(`${tools}/`)("yaml");

/** The documents of a text, or why there are none. What holds itself is no JSON, hence refused. */
function read(text) {
  try {
    const documents = [...parseAllDocuments(text, { logLevel: "error" })];
    const error = documents.flatMap((document) => document.errors)[0];
    if (error) return { ok: false, docs: [], message: error.message };
    return { ok: true, docs: documents.map((document) => JSON.parse(JSON.stringify(document.toJS() ?? null))) };
  } catch (error) {
    return { ok: false, docs: [], message: String(error.message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, text } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id, ...read(text) })}\n`);
}
