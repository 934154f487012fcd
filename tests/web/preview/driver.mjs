// A browser that does what it is told: one JSON command a line in, one JSON answer a line out.
//
// {op: "open", tab, width, height, scheme} · {op: "goto", tab, url} · {op: "run", tab, code} ·
// {op: "wait", tab, code, timeout} · {op: "press", tab, key} · {op: "click", tab, x, y} ·
// {op: "type", tab, text} · {op: "shot", tab, file} · {op: "messages", tab} · {op: "close", tab}
import { createInterface } from "node:readline";
import { launch } from "../browser.mjs";

const browser = await launch(process.argv[2]);
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const tabs = new Map();

const does = {
  async open({ tab, width, height, scheme }) {
    const page = await context.newPage();
    await page.setViewportSize({ width: width ?? 1280, height: height ?? 900 });
    await page.emulateMedia({ colorScheme: scheme ?? "light", reducedMotion: "reduce" });
    const said = [];
    page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
    page.on("pageerror", (error) => said.push(error.message));
    tabs.set(tab, { page, said });
  },
  // Before the first address: as on phones whose browsers have none.
  async hide_shared_workers({ tab }) {
    await tabs.get(tab).page.addInitScript(() => { delete globalThis.SharedWorker; });
  },
  async goto({ tab, url }) { await tabs.get(tab).page.goto(url, { waitUntil: "load", timeout: 20_000 }); },
  async run({ tab, code }) { return tabs.get(tab).page.evaluate(code); },
  async wait({ tab, code, timeout }) {
    // Not waitForFunction, which the page's own policy forbids.
    const end = Date.now() + (timeout ?? 20_000);
    while (Date.now() < end) {
      const holds = await tabs.get(tab).page.evaluate(`Boolean(${code})`).catch(() => false);
      if (holds) return;
      await new Promise((wake) => { setTimeout(wake, 20); });
    }
    throw new Error(`never true: ${code}`);
  },
  async press({ tab, key }) { await tabs.get(tab).page.keyboard.press(key); },
  async type({ tab, text }) { await tabs.get(tab).page.keyboard.type(text); },
  async click({ tab, x, y }) { await tabs.get(tab).page.mouse.click(x, y); },
  async shot({ tab, file }) { await tabs.get(tab).page.screenshot({ path: file }); },
  async messages({ tab }) { return tabs.get(tab).said; },
  async close({ tab }) { await tabs.get(tab).page.close(); tabs.delete(tab); },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await does[command.op](command)) ?? null };
  } catch (error) {
    answer = { error: `${command.op}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
