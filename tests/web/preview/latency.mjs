// How long a browser takes to show what was saved.
//
// Job: {chromium, url, edits: [{file, content, mark, kind}], pause, stateful}. A mark is a number
// that the edit brings into the page: as the text "tanda-N-", or as the custom property --tanda.
// Answer: {times: [milliseconds or null], kept: edits after which scroll, focus and state were kept}.
import { writeFileSync } from "node:fs";
import { launch, readJob } from "../browser.mjs";

const job = await readJob();
const browser = await launch(job.chromium);
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
const seen = new Map();
await page.exposeBinding("tanda", (_, mark, at) => { if (!seen.has(mark)) seen.set(mark, at); });
await page.addInitScript(() => {
  let last = "";
  const tell = (mark) => {
    if (mark && mark !== last) {
      last = mark;
      globalThis.tanda(Number(mark), performance.timeOrigin + performance.now());
    }
  };
  const text = () => tell(/tanda-(\d+)-/.exec(document.body?.textContent ?? "")?.[1]);
  new MutationObserver(text).observe(document, { subtree: true, childList: true, characterData: true });
  const style = () => {
    if (document.body) tell(getComputedStyle(document.body).getPropertyValue("--tanda").trim());
    requestAnimationFrame(style);
  };
  requestAnimationFrame(style);
});
const sleep = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

await page.goto(job.url, { waitUntil: "load" });
await sleep(1500);
const arrange = () => page.evaluate(() => {
  globalThis.hitungan = 7;
  document.querySelector("main a, a")?.focus({ preventScroll: true });
  globalThis.fokus = document.activeElement;
  scrollTo(0, 120);
});
await arrange();
const times = [];
let kept = 0;
for (const { file, content, mark } of job.edits) {
  await sleep(job.pause);
  const at = Date.now() + (performance.timeOrigin + performance.now() - Date.now());
  writeFileSync(file, content);
  const end = Date.now() + 60_000;
  while (!seen.has(mark) && Date.now() < end) await sleep(2);
  times.push(seen.has(mark) ? seen.get(mark) - at : null);
  if (job.stateful) {
    kept += await page.evaluate(() => Number(globalThis.hitungan === 7 && scrollY === 120
      && globalThis.fokus !== undefined && document.activeElement === globalThis.fokus)).catch(() => 0);
  }
}
await browser.close();
process.stdout.write(JSON.stringify({ times, kept }));
