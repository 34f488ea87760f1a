"use strict";

// What the scripts of a page share: the data, the theme, and who wants to know when it changes.
const report = { data: JSON.parse(document.getElementById("data").textContent), redraw: [] };

(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  function changed() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
    button.setAttribute("aria-pressed", String(isDark()));
    report.redraw.forEach((draw) => draw());
  }

  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    changed();
  });
  system.addEventListener("change", changed);
  changed();

  // Paper is white: charts are drawn in light colours while the page is printed.
  let shown;
  addEventListener("beforeprint", () => {
    shown = root.dataset.theme;
    root.dataset.theme = "light";
    report.redraw.forEach((draw) => draw());
  });
  addEventListener("afterprint", () => {
    if (shown === undefined) delete root.dataset.theme;
    else root.dataset.theme = shown;
    report.redraw.forEach((draw) => draw());
  });
})();

// "Copy" copies the table or the text above the button.
(() => {
  function textOf(holder) {
    const table = holder.querySelector("table");
    if (!table) return holder.querySelector("pre").textContent;
    return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t")).join("\n");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  for (const button of document.querySelectorAll(".copy")) {
    const name = button.textContent;
    button.addEventListener("click", async () => {
      const done = await copy(textOf(button.closest(".copyable")));
      button.textContent = done ? "Copied" : "Select the text and copy it";
      setTimeout(() => (button.textContent = name), 2000);
    });
  }
})();
