// The real browser of the tests; PLINTH_NODE_TOOLS says where playwright-core is, PLINTH_CHROMIUM where another browser is.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.PLINTH_NODE_TOOLS, "package.json"));
const { chromium } = require("playwright-core");

export const launch = () =>
  chromium.launch({
    executablePath: process.env.PLINTH_CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
