// Opens pages in a real browser and tells what it saw of each.
//
// Job: {chromium, visits: [{url, scheme, width, axe}]}
// Answer: one {url, scheme, width, final, title, styled, problems: [text]} a visit, in order.
// With `axe`, the rules of WCAG 2.0 to 2.2 A and AA and axe's best practices are run.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launch, readJob } from "./browser.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

async function runAxe(page) {
  await page.evaluate(AXE);
  return page.evaluate(async (values) => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: { type: "tag", values }, resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, any, html }) =>
        `axe ${id}: ${help}: ${target.join(" ")}: ${any[0]?.message ?? ""} ${html.slice(0, 160)}`));
  }, RULES);
}

// What sticks out of the window, innermost culprits only; scrolling boxes may hold wide things.
const overflow = () => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((element) =>
    element.getBoundingClientRect().right > root.clientWidth + 1 &&
    !element.closest("pre, .table") &&
    ![...element.children].some((c) => c.getBoundingClientRect().right > root.clientWidth + 1));
  const names = wide.slice(0, 5).map((e) => `${e.localName}.${e.className}`).join(", ");
  return [`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth} (${names})`];
};

// Links under what another one spreads beyond its own boxes, so that a click leads elsewhere.
const covered = () => {
  const links = [...document.querySelectorAll("a[href], button")]
    .filter((link) => link.checkVisibility()); // boxes have those in a closed <details>, too
  const found = new Set();
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
    scrollTo(0, top);
    for (const link of links) for (const box of link.getClientRects()) {
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      if (y < 0 || y >= innerHeight) continue;
      const other = document.elementFromPoint(x, y)?.closest("a[href], button");
      const within = ({ left, right, top: above, bottom }) =>
        left <= x && x <= right && above <= y && y <= bottom;
      if (other && other !== link && ![...other.getClientRects()].some(within)) {
        found.add(`covered: ${link.outerHTML} by ${other.outerHTML}`);
      }
    }
  }
  scrollTo(0, 0);
  return [...found].slice(0, 5).map((text) => text.slice(0, 300));
};

async function visit(context, { url, scheme, width, axe }) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (m) => {
    if (["error", "warning"].includes(m.type())) problems.push(`console: ${m.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`script: ${error}`));
  page.on("requestfailed", (r) => problems.push(`failed: ${r.url()} ${r.failure()?.errorText}`));
  page.on("request", (r) => {
    if (new URL(r.url()).origin !== new URL(url).origin) problems.push(`external: ${r.url()}`);
  });
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: 900 });
  await page.goto(url, { waitUntil: "load" });
  // Lazy pictures only load, and only then break a policy, when they come into view.
  await page.evaluate(() => {
    for (const image of document.images) image.loading = "eager";
    return Promise.all([...document.images].map((i) => i.decode().catch(() => {})));
  });
  for (const src of await page.evaluate(() =>
    [...document.images].filter((i) => !i.naturalWidth).map((i) => i.src))) {
    problems.push(`picture not shown: ${src}`);
  }
  problems.push(...await page.evaluate(overflow), ...await page.evaluate(covered));
  const seen = await page.evaluate(() => ({
    final: location.href,
    title: document.title,
    // The browser's own margin of 8 px is gone as soon as any style sheet of ours applies.
    styled: getComputedStyle(document.body).marginTop !== "8px",
    background: getComputedStyle(document.body).backgroundColor,
  }));
  const found = [...problems];
  if (axe) found.push(...await runAxe(page));
  await page.close();
  return { url, scheme, width, ...seen, problems: found };
}

const job = await readJob();
const browser = await launch(job.chromium);
const context = await browser.newContext();
const results = new Array(job.visits.length);
const waiting = job.visits.entries();
const work = async () => {
  for (const [index, one] of waiting) results[index] = await visit(context, one);
};
await Promise.all(Array.from({ length: 4 }, work));
await browser.close();
process.stdout.write(JSON.stringify(results));
