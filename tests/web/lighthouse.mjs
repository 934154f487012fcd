// Lighthouse as it is by default: a slow phone on a slow network, simulated.
// Job: {chromium, urls, runs}; answer: {url: {category: median score from 0 to 100, failed: [text]}}.
import { launch as launchChrome } from "chrome-launcher";
import lighthouse from "lighthouse";
import { FLAGS, readJob } from "./browser.mjs";

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const job = await readJob();
const chrome = await launchChrome({
  chromePath: job.chromium, chromeFlags: ["--headless=new", ...FLAGS], logLevel: "silent",
});
const answer = {};
try {
  for (const url of job.urls) {
    const runs = [];
    for (let run = 0; run < job.runs; run++) {
      runs.push((await lighthouse(url, { port: chrome.port, logLevel: "silent" })).lhr);
    }
    const ids = Object.keys(runs[0].categories);
    answer[url] = Object.fromEntries(ids.map((id) =>
      [id, Math.round(100 * median(runs.map((run) => run.categories[id].score)))]));
    answer[url].failed = ids.flatMap((id) => runs[0].categories[id].auditRefs)
      .filter(({ id, weight }) => weight && (runs[0].audits[id].score ?? 1) < 0.9)
      .map(({ id }) => `${id}: ${runs[0].audits[id].title} ${runs[0].audits[id].displayValue ?? ""}`);
  }
} finally {
  chrome.kill();
}
process.stdout.write(JSON.stringify(answer));
