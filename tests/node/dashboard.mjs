// Holds a real browser for a test: reads orders from standard input, a JSON object a line, and answers each with a line.
// usage: PLINTH_NODE_TOOLS=… node dashboard.mjs
import { createInterface } from "node:readline";
import { launch } from "./browser.mjs";

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", locale: "en-GB" });
const page = await context.newPage();
page.setDefaultTimeout(30_000);
const faults = [];
const hosts = new Set();
let loads = 0;
page.on("load", () => (loads += 1));
page.on("pageerror", (error) => faults.push(`page error: ${error.stack ?? error}`));
page.on("dialog", (dialog) => {
  faults.push(`dialog: ${dialog.message()}`);
  dialog.dismiss();
});
page.on("console", (message) => {
  // A server that is away, and one that refuses, are what the tests are about.
  const isExpected = /^Failed to load resource|blocked by CORS policy/.test(message.text());
  if (["error", "warning"].includes(message.type()) && !isExpected) {
    faults.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }
});
context.on("request", (request) => hosts.add(new URL(request.url()).host));

/** Tries what the page's policy forbids; answers what was reported. */
const violate = (elsewhere) =>
  page.evaluate(async (elsewhere) => {
    const reported = [];
    const report = (event) => reported.push(event.effectiveDirective);
    document.addEventListener("securitypolicyviolation", report);
    const attempt = async (what) => {
      const before = reported.length;
      const told = new Promise((resolve) => document.addEventListener("securitypolicyviolation", resolve, { once: true }));
      try {
        await what();
      } catch {
        // The report counts, not how it was refused.
      }
      if (reported.length === before) await told;
    };
    const element = (name, rest) => document.body.append(Object.assign(document.createElement(name), rest));
    await attempt(() => fetch(elsewhere));
    await attempt(() => element("img", { src: elsewhere }));
    await attempt(() => element("style", { textContent: "body { color: red }" }));
    await attempt(() => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)>"));
    await attempt(() => element("script", { src: elsewhere }));
    document.removeEventListener("securitypolicyviolation", report);
    return [...new Set(reported)].sort();
  }, elsewhere);

let spoiled = 0;

/** Gives the server another value than the page says, the next time that it hears it. */
const spoil = async ({ variable, value }) => {
  const handle = async (route) => {
    const request = route.request();
    // Without an answer there was nobody to hear it.
    const body = { ...request.postDataJSON(), variables: { ...request.postDataJSON().variables, [variable]: value } };
    const heard = (response) => {
      if (response.request() !== request) return;
      spoiled += 1;
      page.off("response", heard);
      page.unroute("**/graphql", handle);
    };
    page.on("response", heard);
    await route.continue({ postData: JSON.stringify(body) });
  };
  await page.route("**/graphql", handle);
};

const orders = {
  open: async ({ url, clock }) => {
    if (clock) await page.clock.install();
    await page.goto(url);
  },
  see: ({ selector, text }) => page.locator(selector, { hasText: text }).first().waitFor(),
  miss: ({ selector, text }) => {
    return page.locator(`${selector} >> visible=true`, text && { hasText: text }).first().waitFor({ state: "hidden" });
  },
  texts: ({ selector }) => page.locator(selector).allTextContents(),
  attributes: ({ selector, name }) => {
    return page.locator(selector).evaluateAll((all, name) => all.map((it) => it.getAttribute(name)), name);
  },
  click: ({ selector }) => page.locator(selector).first().click(),
  fill: ({ selector, text }) => page.locator(selector).fill(text),
  press: ({ key }) => page.keyboard.press(key),
  choose: ({ selector, value }) => page.locator(selector).selectOption(value),
  focused: () => page.evaluate(() => document.activeElement?.id ?? ""),
  offline: ({ is }) => context.setOffline(is),
  forward: ({ seconds }) => page.clock.fastForward(seconds * 1000),
  picture: async ({ path, scheme = "light", width = 1280, height = 800 }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await page.screenshot({ path });
  },
  spoil,
  spoiled: () => spoiled,
  violate: ({ elsewhere }) => violate(elsewhere),
  report: () => ({ faults, hosts: [...hosts].sort(), loads }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: (await orders[order.do](order)) ?? null }));
  } catch (error) {
    const state = await page.locator("body").innerText({ timeout: 1000 }).catch(() => "");
    const failed = [JSON.stringify(order), error.stack ?? error, ...faults, state.slice(0, 2000)].join("\n");
    console.log(JSON.stringify({ failed }));
  }
}
await browser.close();
