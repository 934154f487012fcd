/* The preview's own script: it follows the server's events, changes the page in place, and shows the
   bar and the problems. It runs before any script of the page, so that it can tell what those did. */
(() => {
  "use strict";
  const said = JSON.parse(document.currentScript.dataset.digest);
  const base = said.base;
  const state = { path: said.path, mark: said.mark, html: null };
  const store = {
    get(key, other) { try { return localStorage.getItem(`digest-${key}`) ?? other; } catch { return other; } },
    set(key, value) { try { localStorage.setItem(`digest-${key}`, value); } catch { /* not kept */ } },
  };
  const me = `${Date.now()}-${Math.random()}`;

  // What scripts of the page and its reader did to it: morphing leaves that alone.

  const touched = new WeakMap(); // element → names of attributes
  const added = new WeakSet(); // nodes that a script put in
  let parsed = false;
  const note = (records) => {
    for (const record of records) {
      if (record.type === "attributes") {
        if (!touched.has(record.target)) touched.set(record.target, new Set());
        touched.get(record.target).add(record.attributeName);
      } else if (parsed) for (const node of record.addedNodes) added.add(node);
    }
  };
  const observer = new MutationObserver(note);
  const watching = { attributes: true, childList: true, subtree: true };
  observer.observe(document, watching);
  document.addEventListener("readystatechange", () => {
    if (parsed || document.readyState === "loading") return;
    note(observer.takeRecords());
    parsed = true;
  });
  const isTouched = (element, name) => touched.get(element)?.has(name) ?? false;
  const isEdited = (element) => {
    switch (element.localName) {
      case "input": return element.value !== element.defaultValue || element.checked !== element.defaultChecked;
      case "textarea": return element.value !== element.defaultValue;
      case "select": return [...element.options].some((o) => o.selected !== o.defaultSelected);
      case "option": return element.selected !== element.defaultSelected;
      default: return false;
    }
  };

  // Morphing

  const callbacks = {
    beforeAttributeUpdated(name, element) {
      if (isTouched(element, name)) return false;
      return !(["value", "checked", "selected"].includes(name) && isEdited(element));
    },
    beforeNodeMorphed(old) {
      if (old.nodeType !== 1) return true;
      if (old.isEqualNode && old === host) return false;
      return !(old.localName === "textarea" && isEdited(old));
    },
    beforeNodeRemoved(node) { return !added.has(node) && node !== host; },
  };

  function morph(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    note(observer.takeRecords());
    observer.disconnect();
    const changes = [];
    const look = new MutationObserver(() => {});
    look.observe(document.body, { ...watching, characterData: true });
    const place = [scrollX, scrollY];
    const [old] = [document.documentElement];
    for (const name of ["lang", "dir", "class"]) {
      if (isTouched(old, name)) continue;
      const value = fresh.documentElement.getAttribute(name);
      if (value === null) old.removeAttribute(name);
      else if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    morphHead(fresh.head);
    Idiomorph.morph(document.body, fresh.body, {
      morphStyle: "outerHTML", ignoreActiveValue: true, restoreFocus: true,
      head: { style: "none" }, callbacks,
    });
    changes.push(...look.takeRecords());
    look.disconnect();
    if (scrollX !== place[0] || scrollY !== place[1]) if (!changes.length) scrollTo(...place);
    observer.observe(document, watching);
    return changes;
  }

  const isSheet = (element) => element.localName === "link" && element.relList.contains("stylesheet");

  /* The new head, without losing our script or what scripts added, and without a flash: an old style
     sheet goes when the one in its place is there. */
  function morphHead(head) {
    const same = new Map();
    for (const element of document.head.children) {
      const key = element.outerHTML;
      same.set(key, [...(same.get(key) ?? []), element]);
    }
    const kept = new Set();
    let last = null;
    const sheets = [];
    for (const element of head.children) {
      if (element.localName === "script" && element.dataset.digest) continue;
      const found = same.get(element.outerHTML)?.shift();
      if (found) { kept.add(found); last = found; continue; }
      if (element.localName === "script") continue; // a script runs once; see below
      const made = document.importNode(element, true);
      if (last) last.after(made); else document.head.append(made);
      if (isSheet(made)) sheets.push(made);
      kept.add(made);
      last = made;
    }
    const gone = [...document.head.children].filter((element) =>
      !kept.has(element) && !added.has(element) && element.localName !== "script");
    const old = gone.filter(isSheet);
    for (const element of gone) if (!old.includes(element)) element.remove();
    if (!sheets.length) for (const element of old) element.remove();
    else whenLoaded(sheets, () => { for (const element of old) element.remove(); });
  }

  function whenLoaded(sheets, then) {
    let left = sheets.length;
    const one = () => { left -= 1; if (!left) then(); };
    for (const sheet of sheets) {
      sheet.addEventListener("load", one, { once: true });
      sheet.addEventListener("error", one, { once: true });
    }
  }

  /* Bring the first change into view when no change is in it, unless the reader is busy there, or
     nobody edited what this page shows: then it stays where it is. */
  function show(changes, moves) {
    if (!moves || store.get("jump", "1") !== "1" || !getSelection().isCollapsed) return;
    const active = document.activeElement;
    if (active && active.matches("input, textarea, select, [contenteditable]")) return;
    const main = document.querySelector("main") ?? document.body;
    const places = changes.flatMap((record) => {
      const nodes = record.type === "childList" && record.addedNodes.length
        ? [...record.addedNodes] : [record.target];
      return nodes.map((node) => (node.nodeType === 1 ? node : node.parentElement));
    }).filter((element) => element?.isConnected && main.contains(element) && element !== main);
    if (!places.length) return;
    const isSeen = (element) => {
      const box = element.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    };
    if (!places.some(isSeen)) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      places[0].scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
    }
  }

  // Events

  let waiting = null; // a page that came before the document was there
  function take(message) {
    switch (message.type) {
      case "page":
        if (message.path !== state.path || message.mark === state.mark) return;
        if (!parsed || !globalThis.Idiomorph || !document.body) { waiting = message; return; }
        state.mark = message.mark;
        show(morph(message.html), message.moves);
        post("mark");
        bar.refresh();
        document.dispatchEvent(new CustomEvent("digest:changed"));
        break;
      case "moved":
        if (message.path === state.path) location.replace(message.to);
        break;
      case "follow":
        if (store.get("last", me) === me && document.visibilityState === "visible") location.assign(message.to);
        break;
      case "files":
        refreshFiles(message.paths);
        break;
      case "problems":
        overlay.show(message);
        bar.count(message);
        break;
      case "hello": bar.live(true); break;
      case "lost":
        bar.live(false);
        if (message.closed) returnLater();
        break;
    }
  }
  addEventListener("DOMContentLoaded", () => {
    parsed = true;
    if (waiting) { const message = waiting; waiting = null; take(message); }
  });

  /* Files under their own names: asked for again under another query. */
  function refreshFiles(paths) {
    for (const element of document.querySelectorAll("link[href], img[src], source[src], video[src]")) {
      const name = element.hasAttribute("href") ? "href" : "src";
      const url = new URL(element.getAttribute(name), location.href);
      if (url.origin !== location.origin || !paths.includes(decodeURI(url.pathname))) continue;
      url.searchParams.set("digest", Date.now());
      if (isSheet(element)) {
        const made = element.cloneNode();
        made.href = url.href;
        element.after(made);
        whenLoaded([made], () => element.remove());
      } else element.setAttribute(name, url.href);
    }
  }

  /* The preview was started anew, under another secret: come back when it is there. */
  function returnLater() {
    setTimeout(async () => {
      try {
        const answer = await fetch(location.href, { method: "HEAD" });
        if (answer.status < 500) { location.reload(); return; }
      } catch { /* not yet */ }
      returnLater();
    }, 1000);
  }

  // One stream for all tabs, or one of our own that rests while the page is hidden

  let port = null;
  let stream = null;
  const client = me;
  const post = (type) => {
    const page = location.pathname;
    if (port) port.postMessage({ type, page, mark: state.mark });
    else if (stream && type === "look") {
      const asked = new URLSearchParams({ client, page, mark: state.mark });
      fetch(`${base}/look?${asked}`).catch(() => {});
    }
  };
  function listen() {
    stream = new EventSource(`${base}/events?client=${encodeURIComponent(client)}`);
    stream.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "hello") post("look");
      take(message);
    };
    stream.onerror = () => take({ type: "lost", closed: stream?.readyState === EventSource.CLOSED });
  }
  const rest = () => { stream?.close(); stream = null; };
  function connect() {
    if (globalThis.SharedWorker) {
      port = new SharedWorker(`${base}/worker.js`).port;
      port.onmessage = ({ data }) => take(data);
      port.start();
      post("look");
      return;
    }
    if (document.visibilityState === "visible") listen();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") rest();
      else if (!stream) listen();
    });
  }
  addEventListener("pagehide", () => { if (port) port.postMessage({ type: "bye" }); else rest(); });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    if (port) post("look"); else if (!stream) listen();
  });
  addEventListener("focus", () => store.set("last", me));
  if (document.visibilityState === "visible") store.set("last", me);

  // The bar and the problems: in a shadow tree outside the body, all texts as text

  const make = (name, fields = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(fields)) {
      if (key in element && key !== "role") element[key] = value; else element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== "" && child !== null && child !== undefined));
    return element;
  };
  const link = (address, text, className = "") => {
    const safe = address && !/^\s*(javascript|data|vbscript):/i.test(address);
    return safe ? make("a", { href: address, className }, text) : make("span", { className }, text);
  };

  const host = document.createElement("digest-preview");
  const root = host.attachShadow({ mode: "open" });
  const frame = make("div", { className: "frame", hidden: true, lang: "en", dir: "ltr" });
  const sheet = make("link", { rel: "stylesheet", href: `${base}/preview.css` });
  sheet.addEventListener("load", () => { frame.hidden = false; });
  root.append(sheet, frame);
  added.add(host);

  function excerpt(place) {
    if (!place?.source) return "";
    const column = Math.max(1, place.column);
    const start = column > 60 ? column - 40 : 0;
    const line = place.source.slice(start, start + 160).replaceAll("\t", " ");
    const gutter = `${place.line} | `;
    const caret = place.column ? `${" ".repeat(gutter.length + column - 1 - start)}^` : "";
    return make("pre", {}, `${gutter}${line}`, caret ? `\n${caret}` : "");
  }
  function problemItem(problem) {
    const place = problem.where;
    return make("li", { className: `problem ${problem.severity}` },
      make("p", { className: "what" }, make("span", { className: "code" }, problem.code), " ", problem.message),
      place ? make("p", { className: "place" }, link(place.edit, place.shown)) : "",
      excerpt(place),
      ...problem.also.map((other) => make("p", { className: "place" }, "also ", link(other.edit, other.shown))),
      problem.hint ? make("p", { className: "hint" }, make("b", {}, "hint: "), problem.hint) : "");
  }

  const overlay = {
    element: make("section", { className: "overlay", hidden: true, role: "alert", "aria-label": "Problems" }),
    closed: "",
    last: "",
    show(message) {
      const key = JSON.stringify(message.errors);
      if (key === this.last) return;
      this.last = key;
      const count = message.errors.length + message.more;
      this.element.hidden = !count || key === this.closed;
      if (!count) { this.closed = ""; this.element.replaceChildren(); return; }
      const close = make("button", { type: "button", className: "close", title: "Close (Esc)", "aria-label": "Close" }, "×");
      close.addEventListener("click", () => this.close());
      this.element.replaceChildren(
        make("header", {},
          make("h2", {}, count === 1 ? "1 error" : `${count} errors`),
          make("p", {}, "A build would stop here. Below is the newest page that could be made."), close),
        make("ol", {}, ...message.errors.map(problemItem)),
        message.more ? make("p", { className: "more" }, `and ${message.more} more; the terminal shows all`) : "");
    },
    close() { this.closed = this.last; this.element.hidden = true; },
    open() { this.closed = ""; if (this.element.childElementCount) this.element.hidden = false; },
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !overlay.element.hidden) overlay.close();
    else if (event.key === "Escape") bar.fold(true);
  });

  const bar = {
    about: null,
    errors: 0,
    alive: true,
    pill: make("button", { type: "button", className: "pill", "aria-expanded": "false", title: "Preview" }),
    panel: make("section", { className: "panel", hidden: true, "aria-label": "Preview" }),
    why: make("div", { className: "why" }),
    start() {
      this.pill.addEventListener("click", () => this.fold(!this.panel.hidden));
      this.draw();
    },
    fold(folded) {
      this.panel.hidden = folded;
      this.pill.setAttribute("aria-expanded", String(!folded));
      if (!folded) { overlay.open(); this.refresh(); }
    },
    count(message) { this.errors = message.errors.length + message.more; this.refresh(); },
    live(alive) { this.alive = alive; this.draw(); },
    timer: 0,
    refresh() {
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        try {
          const answer = await fetch(`${base}/about?page=${encodeURIComponent(location.pathname)}`);
          if (answer.ok) { this.about = await answer.json(); this.draw(); }
        } catch { /* the stream will tell */ }
      }, 60);
    },
    draw() {
      const about = this.about ?? {};
      const own = (about.problems ?? []).length;
      const marks = [];
      if (!this.alive) marks.push(make("span", { className: "mark off" }, "offline"));
      if (about.state && about.state !== "published") marks.push(make("span", { className: `mark ${about.state}` }, about.state));
      if (this.errors) marks.push(make("span", { className: "mark error" }, this.errors === 1 ? "1 error" : `${this.errors} errors`));
      else if (own) marks.push(make("span", { className: "mark warning" }, own === 1 ? "1 warning" : `${own} warnings`));
      const length = about.words === undefined ? "" : `${about.words} words · ${about.minutes} min`;
      this.pill.replaceChildren(make("span", { className: this.alive ? "dot" : "dot off" }), ...marks, length || "preview");
      if (!this.panel.hidden) this.drawPanel(about);
    },
    drawPanel(about) {
      const rows = make("dl");
      const row = (name, ...values) => rows.append(make("dt", {}, name), make("dd", {}, ...values));
      if (about.source) row("file", link(about.edit, about.source));
      if (about.source && !about.edit) row("", make("small", {}, "set DIGEST_EDITOR to open it with a click"));
      if (about.state) row("status", make("span", { className: `mark ${about.state}` }, about.state));
      if (about.words !== undefined) row("length", `${about.words} words, ${about.minutes} min to read`);
      const problems = about.problems ?? [];
      const others = (about.total ?? 0) - problems.length;
      row("problems", problems.length ? make("ul", { className: "problems" }, ...problems.map(problemItem)) : "none in this file",
        others > 0 ? make("small", {}, ` ${others} elsewhere on the site`) : "");
      const parts = [rows];
      if (about.related) {
        const ask = make("button", { type: "button" }, "Why these Baca Juga links?");
        ask.addEventListener("click", () => this.explain(ask));
        parts.push(make("p", {}, ask), this.why);
      }
      parts.push(make("p", { className: "switches" },
        this.option("drafts", about.drafts, (on) => this.reveal(on, about.future)),
        this.option("scheduled", about.future, (on) => this.reveal(about.drafts, on)),
        this.option("scroll to changes", store.get("jump", "1") === "1", (on) => store.set("jump", on ? "1" : "0"))));
      this.panel.replaceChildren(...parts);
    },
    option(text, on, act) {
      const box = make("input", { type: "checkbox", checked: Boolean(on) });
      box.addEventListener("change", () => act(box.checked));
      return make("label", {}, box, ` ${text}`);
    },
    async reveal(drafts, future) {
      await fetch(`${base}/reveal?drafts=${Number(drafts)}&future=${Number(future)}`);
      this.refresh();
    },
    async explain(button) {
      button.disabled = true;
      try {
        const answer = await fetch(`${base}/why?page=${encodeURIComponent(location.pathname)}`);
        const { picks } = await answer.json();
        this.why.replaceChildren(picks.length ? make("ol", {}, ...picks.map((pick) => make("li", {},
          link(pick.url, pick.title),
          make("small", {}, ` ${pick.date} · ${pick.pinned ? "pinned" : `score ${Math.round(pick.score)}`}${pick.inline ? " · in the text" : ""}`),
          make("p", { className: "shares" }, ...pick.shared.flatMap((share) => [
            make("span", { className: "share" }, share.what, make("i", {}, ` ${Math.round(share.weight * 100) / 100}`)), " "])))))
          : make("p", {}, "Nothing is related closely enough."));
      } finally { button.disabled = false; }
    },
  };

  addEventListener("DOMContentLoaded", () => {
    frame.append(overlay.element, bar.panel, bar.pill);
    document.documentElement.append(host);
    bar.start();
    bar.refresh();
  });
  connect();
})();
