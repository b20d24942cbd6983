// Opens pages in a headless Chromium without a network, has axe-core judge them, and takes pictures.
//
// usage: node axe.mjs TASK.json        (see reports.py, which writes the task and judges the result)

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const task = JSON.parse(readFileSync(process.argv[2], "utf8"));
const from = createRequire(`${task.modules}/`);
const { chromium } = from("playwright-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: task.chromium, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const found = [];

for (const { file, name, width, scheme } of task.pages) {
  const context = await browser.newContext({ viewport: { width, height: 1000 }, locale: "pl-PL", colorScheme: scheme, offline: true });
  const page = await context.newPage();
  const console = [];
  const requests = [];
  page.on("console", (message) => message.type() === "error" && console.push(message.text()));
  page.on("pageerror", (error) => console.push(String(error)));
  page.on("request", (request) => request.url().startsWith("file:") || requests.push(request.url()));
  await page.goto(`file://${file}`);
  const refused = [...console];
  // Through the debugger, which the policy of the page does not bind.
  await page.evaluate(axe);
  const judged = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  const told = (rule) => ({ id: rule.id, impact: rule.impact, help: rule.help, nodes: rule.nodes.slice(0, 5).map((node) => node.html.slice(0, 200)) });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  // Whoever uses the keyboard gets to the content first.
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  if (task.pictures) await page.screenshot({ path: `${task.pictures}/${name}.png`, fullPage: true });
  found.push({
    name, console: refused, requests, wide, first, violations: judged.violations.map(told), incomplete: judged.incomplete.map(told),
    passes: judged.passes.length, charts: await page.locator("svg[role=img]").count(), tables: await page.locator("table").count(),
  });
  await context.close();
}
await browser.close();
writeFileSync(task.result, JSON.stringify(found));
