// Follows pages that send the reader on. Job: {chromium, urls}; answer: where each one ended.
import { launch, readJob } from "./browser.mjs";

const job = await readJob();
const browser = await launch(job.chromium);
const page = await browser.newPage();
const ends = [];
for (const url of job.urls) {
  await page.goto(url);
  await page.waitForURL((now) => now.href !== url, { waitUntil: "load", timeout: 10_000 });
  ends.push(page.url());
}
await browser.close();
process.stdout.write(JSON.stringify(ends));
