// How every script here starts Debian's Chromium, and how it reads its job.
import { chromium } from "playwright-core";
import { text } from "node:stream/consumers";

// Without these, Chromium looks for its maker's hosts at every start.
export const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export const readJob = async () => JSON.parse(await text(process.stdin));

export const launch = (executablePath) => chromium.launch({ executablePath, args: FLAGS });
