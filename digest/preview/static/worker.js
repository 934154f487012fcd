/* One event stream for all tabs of a browser: six connections to a host are all there are. */
"use strict";
const base = location.pathname.replace(/\/worker\.js$/, "");
const client = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
const tabs = new Map(); // port → {page, mark}
let stream = null;
let open = false;
let problems = null;

const toAll = (message) => { for (const port of tabs.keys()) port.postMessage(message); };

async function look() {
  if (!open) return;
  const asked = new URLSearchParams({ client });
  for (const { page, mark } of tabs.values()) {
    asked.append("page", page);
    asked.append("mark", mark);
  }
  try { await fetch(`${base}/look?${asked}`); } catch { /* the stream will tell */ }
}

function listen() {
  stream = new EventSource(`${base}/events?client=${client}`);
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "hello") { open = true; look(); }
    if (message.type === "problems") problems = message;
    toAll(message);
  };
  stream.onerror = () => {
    open = false;
    toAll({ type: "lost", closed: stream.readyState === EventSource.CLOSED });
  };
}

onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.type === "bye") tabs.delete(port);
    else {
      if (!tabs.has(port) && problems) port.postMessage(problems);
      tabs.set(port, { page: data.page, mark: data.mark });
    }
    if (data.type !== "mark") look();
  };
  if (!stream) listen();
};
