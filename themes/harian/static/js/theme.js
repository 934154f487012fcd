/* The light/dark switch: remembers a choice that differs from the system's. */
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const store = {
    get() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set(value) {
      try {
        if (value) localStorage.setItem("theme", value);
        else localStorage.removeItem("theme");
      } catch { /* storage is blocked: the choice lasts for this page */ }
    },
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const button = document.querySelector(".switch");

  const saved = store.get();
  if (saved === "dark" || saved === "light") root.dataset.theme = saved;
  if (!button) return;

  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const wanted = isDark() ? "light" : "dark";
    const follows = wanted === (system.matches ? "dark" : "light");
    if (follows) delete root.dataset.theme;
    else root.dataset.theme = wanted;
    store.set(follows ? "" : wanted);
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
})();
