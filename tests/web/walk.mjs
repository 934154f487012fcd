// Walks as a reader does, by clicking: home, the lead story, its first tag, an article, its day.
// Job: {chromium, start}; answer: {visited: [url], unstyled: [url], failed: [url]}.
import { launch, readJob } from "./browser.mjs";

const STEPS = ["main article a, main h3 a", "a[rel=tag]", "main h2 a, main h3 a", "time a"];

const job = await readJob();
const browser = await launch(job.chromium);
const page = await browser.newPage();
const visited = [], unstyled = [], failed = [];
page.on("requestfailed", (request) => failed.push(request.url()));

async function look() {
  visited.push(decodeURI(page.url()));
  const styled = await page.evaluate(() => getComputedStyle(document.body).marginTop !== "8px");
  if (!styled) unstyled.push(page.url());
}

await page.goto(job.start, { waitUntil: "load" });
await look();
for (const step of STEPS) {
  await Promise.all([page.waitForEvent("load"), page.locator(step).first().click()]);
  await look();
}
await browser.close();
process.stdout.write(JSON.stringify({ visited, unstyled, failed }));
