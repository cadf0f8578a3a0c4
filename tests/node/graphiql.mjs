// Opens GraphiQL in a real browser, runs its first query and looks at the answer.
// usage: PLINTH_NODE_TOOLS=… node graphiql.mjs URL SCREENSHOT.png; prints `ok`. URL is the page: http://127.0.0.1:PORT/graphql
import { launch } from "./browser.mjs";

const [url, screenshot] = process.argv.slice(2);
if (!screenshot) throw new Error("usage: graphiql.mjs URL SCREENSHOT.png");
const limit = 30_000;

const browser = await launch();
const faults = [];
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(limit);
  page.on("pageerror", (error) => faults.push(`page error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      faults.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  // On the context, so that what the workers ask for counts too.
  context.on("request", (request) => {
    const target = new URL(request.url());
    if (/^(https?|wss?):$/.test(target.protocol) && target.host !== new URL(url).host) {
      faults.push(`request to another host: ${request.url()}`);
    }
  });
  context.on("response", (response) => {
    if (response.status() >= 400) faults.push(`HTTP ${response.status()}: ${response.url()}`);
  });

  await page.goto(url);
  await page.locator(".graphiql-query-editor .view-line", { hasText: "user-service" }).waitFor();
  await page.locator(".graphiql-doc-explorer-content", { hasText: "Query" }).first().waitFor();
  await page.locator("button.graphiql-execute-button").click();
  await page.locator(".graphiql-response .view-line", { hasText: "user-service" }).waitFor();
  await page.screenshot({ path: screenshot });

  // The workers are there and know the schema: a field that does not exist is underlined.
  await page.locator(".graphiql-query-editor .view-line", { hasText: "title" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" noSuchField");
  await page.locator(".graphiql-query-editor .squiggly-error").first().waitFor();
} catch (error) {
  faults.push(String(error.stack ?? error));
  const [page] = browser.contexts().flatMap((context) => context.pages());
  await page?.screenshot({ path: screenshot }).catch(() => {});
} finally {
  await browser.close();
}
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("ok");
