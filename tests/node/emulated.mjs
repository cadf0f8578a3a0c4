// Starts the GitHub emulator on a free port of loopback, and ends when its standard input does.
// The seed is the input's first line; the first line of the output is JSON: the URL, and the private keys that it made for Apps.
// usage: PLINTH_NODE_TOOLS=… node emulated.mjs URL-THAT-ANSWERS-NAME
import { createServer } from "node:http";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { createEmulator } = await import(
  pathToFileURL(resolve(process.env.PLINTH_NODE_TOOLS, "node_modules/emulate/dist/api.js"))
);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Another program may take the port before the emulator has it. */
async function start(seed, baseUrl) {
  for (;;) {
    const port = await freePort();
    try {
      const emulator = await createEmulator({ service: "github", port, hostname: "127.0.0.1", seed, baseUrl });
      return { url: `http://127.0.0.1:${port}`, secrets: emulator.generatedSecrets };
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
}

const input = createInterface({ input: process.stdin });
input.once("line", async (line) => console.log(JSON.stringify(await start(JSON.parse(line), process.argv[2]))));
input.once("close", () => process.exit());
