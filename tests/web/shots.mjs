// Full-page pictures. Job: {chromium, shots: [{url, width, scheme, file}]}; answer: {}.
import { launch, readJob } from "./browser.mjs";

const job = await readJob();
const browser = await launch(job.chromium);
for (const { url, width, scheme, file } of job.shots) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  await page.goto(url, { waitUntil: "load" });
  await page.evaluate(() => {
    for (const image of document.images) image.loading = "eager";
    return Promise.all([...document.images].map((i) => i.decode().catch(() => {})));
  });
  await page.screenshot({ path: file, fullPage: true });
  await page.close();
}
await browser.close();
process.stdout.write("{}");
