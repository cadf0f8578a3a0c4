// Asks `@backstage/config-loader` what sets of files and variables mean. Standard input: JSON lines
// {folder, files, environment}; standard output, in the same order: JSON lines {ok, data} or {ok: false, message}.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';

const require = createRequire(process.env.PLINTH_NODE_TOOLS + '/');
const { ConfigSources } = require('@backstage/config-loader');

async function read({ folder, files, environment }) {
  const source = ConfigSources.default({
    rootDir: folder,
    argv: ['node', 'x', ...files.flatMap(file => ['--config', resolve(folder, file)])],
    env: environment,
    watch: false,
    substitutionFunc: async name => environment[name]?.trim(),
  });
  const config = await ConfigSources.toConfig(source);
  const data = config.getOptional() ?? {};
  config.close();
  return data;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { ok: true, data: await read(JSON.parse(line)) };
  } catch (error) {
    // Nothing at all cannot be read as a whole there; here it is an empty map, and the defaults hold.
    const nothing = error.message.startsWith("Missing required config value at ''");
    answer = nothing ? { ok: true, data: {} } : { ok: false, message: String(error.message) };
  }
  console.log(JSON.stringify(answer));
}
