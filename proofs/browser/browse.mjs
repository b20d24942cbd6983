// Drives a headless Chromium through Swagger UI as somebody who tries the service would:
// authorises once per role, then executes every operation with the example that the page offers.
//
// usage: node browse.mjs TASK.json        (see swagger.py, which writes the task and judges the result)

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const task = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(`${task.modules}/`)("playwright-core");
const found = { interactive: [], operations: [], console: [], catalogue: [] };
const groups = [...new Set(task.operations.map((operation) => operation.tag))];
const browser = await chromium.launch({ executablePath: task.chromium, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "pl-PL", ...options });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && found.console.push(message.text()));
  page.on("pageerror", (error) => found.console.push(String(error)));
  page.on("requestfailed", (request) => found.console.push(`${request.url()} ${request.failure()?.errorText}`));
  return page;
}

// Milliseconds from the navigation until every group is on the page, until a click has unfolded the first, and until
// another has opened its first operation; and what a later visit of the same browser loads.
async function interactive() {
  const page = await newPage();
  await page.addInitScript((groups) => {
    const found = (selector) => document.querySelectorAll(selector);
    // The next task after the paint: before it, a click would wait.
    const painted = (act) => requestAnimationFrame(() => setTimeout(act));
    const once = (happened, act) => {
      const watch = new MutationObserver(() => {
        if (!happened()) return;
        watch.disconnect();
        painted(act);
      });
      watch.observe(document, { childList: true, subtree: true, attributes: true });
    };
    const note = (name) => (window[name] = performance.now());
    once(() => found(".opblock-tag").length >= groups, () => {
      note("listedAfter");
      once(() => found(".opblock-summary-control").length, () => {
        note("unfoldedAfter");
        once(() => found(".opblock.is-open").length, () => note("openedAfter"));
        found(".opblock-summary-control")[0].click();
      });
      found(".opblock-tag")[0].click();
    });
  }, groups.length);
  await page.goto(`${task.base}/swagger-ui/`);
  await page.waitForFunction(() => window.openedAfter);
  const times = await page.evaluate(() => ({
    listed: Math.round(window.listedAfter),
    unfolded: Math.round(window.unfoldedAfter),
    opened: Math.round(window.openedAfter),
  }));
  // A page that is left while it loads its icon breaks that off.
  await page.waitForLoadState("networkidle");
  await visit(page);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.transferSize, 0));
  await page.waitForLoadState("networkidle");
  await page.context().close();
  return { ...times, loadedAgain: loaded };
}

async function visit(page) {
  await page.goto(`${task.base}/swagger-ui/`);
  await page.locator(".opblock-tag").nth(groups.length - 1).waitFor();
}

async function shot(page, name, options = {}) {
  if (task.screenshots) await page.screenshot({ path: `${task.screenshots}/${name}.png`, ...options });
}

async function authorise(page, client) {
  await page.click(".btn.authorize");
  const dialogue = page.locator(".dialog-ux");
  // Its accessible name is another ("Remove authorization").
  const logout = dialogue.locator("button", { hasText: "Logout" });
  if (await logout.count()) await logout.click();
  await dialogue.locator("input[data-name=clientId], #client_id_clientCredentials").first().fill(client.clientId);
  await dialogue.locator("input[data-name=clientSecret], #client_secret_clientCredentials").first().fill(client.clientSecret);
  await shot(page, `authorize-${client.role}`);
  await dialogue.locator(".auth-btn-wrapper button.authorize").click();
  await logout.waitFor();
  await dialogue.locator("button.btn-done").click();
}

async function execute(page, operation, next) {
  const group = page.locator(`.opblock-tag[data-tag="${operation.tag}"]`);
  if ((await group.getAttribute("data-is-open")) !== "true") await group.click();
  const block = page.locator(`[id="operations-${operation.tag}-${operation.id}"]`);
  await block.locator(".opblock-summary-control").click();
  // What counts what is drawn must not look before it is.
  await block.locator("button.execute").waitFor();
  if (operation.format) {
    await block.locator('select[aria-label="Request content type"]').selectOption(operation.format);
    // The example of the format takes the place of the file chooser; the page takes note of it a moment later.
    const text = block.locator("textarea");
    await text.waitFor();
    await text.fill(await text.inputValue());
  }
  const answered = page.waitForResponse((response) => response.url().startsWith(`${task.base}/api/`) && response.request().method() === operation.method);
  await block.locator("button.execute").click();
  const response = await answered;
  const shown = (await block.locator(".live-responses-table tbody .response-col_status").first().innerText()).trim().slice(0, 3);
  if (task.pictured.includes(operation.id)) {
    await block.scrollIntoViewIfNeeded();
    await shot(page, operation.id);
    await block.screenshot({ path: `${task.screenshots}/${operation.id}-whole.png` });
  }
  const answer = { id: operation.id, status: response.status(), shown, url: response.url().slice(task.base.length) };
  if (response.status() >= 300) {
    answer.body = (await response.text()).slice(0, 600);
    answer.sent = [response.request().headers()["content-type"], response.request().postData()?.slice(0, 300)];
  }
  found.operations.push(answer);
  await block.locator(".opblock-summary-control").click();
  // The page draws all that is open anew at every click.
  if (next?.tag !== operation.tag) await group.click();
}

for (let load = 0; load < task.loads; load++) found.interactive.push(await interactive());

const page = await newPage();
await visit(page);
await shot(page, "top");
const began = Date.now();
for (const client of task.clients) {
  await authorise(page, client);
  const own = task.operations.filter((operation) => operation.role === client.role);
  for (const [place, operation] of own.entries()) await execute(page, operation, own[place + 1]);
}
await shot(page, "whole", { fullPage: true });
found.seconds = Math.round((Date.now() - began) / 1000);

for (const locale of ["pl-PL", "en-GB"]) {
  const reader = await newPage({ locale });
  const response = await reader.goto(`${task.base}${task.problem}`);
  const visible = await reader.evaluate(() => ({ title: document.title, heading: document.querySelector("h1")?.innerText, text: document.body.innerText, lang: document.documentElement.lang }));
  found.catalogue.push({ locale, status: response.status(), type: response.headers()["content-type"], ...visible });
  await shot(reader, `problem-${locale}`);
  await reader.goto(`${task.base}/api/v1/errors`);
  await shot(reader, `problems-${locale}`);
  found.catalogue.at(-1).listed = await reader.locator("a").count();
}

writeFileSync(task.result, JSON.stringify(found));
await browser.close();
