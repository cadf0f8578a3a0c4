// What `@backstage/config-loader` loads. Reads lines {"id", "directory", "files", "env"}: absolute paths for `--config`, or
// none for the default files in the directory. Answers lines {"id", "ok", "config"}: the merged configuration.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const tools = process.env.PLINTH_NODE_TOOLS;
if (!tools) throw new Error("PLINTH_NODE_TOOLS is not set; it names the folder that holds node_modules");
const { ConfigSources } = createRequire(`${tools}/`)("@backstage/config-loader");

/** The merged configuration, or why there is none. */
async function load({ directory, files, env }) {
  // Only the loader reads this one from the process.
  process.env.BACKSTAGE_ENV = env.BACKSTAGE_ENV ?? "";
  try {
    const source = ConfigSources.default({
      watch: false,
      rootDir: directory,
      argv: files.flatMap((file) => ["--config", file]),
      env,
      substitutionFunc: async (name) => env[name]?.trim(),
    });
    const config = await ConfigSources.toConfig(source);
    config.close();
    return { ok: true, config: config.getOptional() ?? {} };
  } catch (error) {
    return { ok: false, message: String(error.message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id, ...(await load(request)) })}\n`);
}
