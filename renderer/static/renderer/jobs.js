// The list of jobs: what is ticked stays ticked when the list is brought anew, and is counted.
"use strict";

(() => {
  const ticked = new Set();
  let all = false;

  function count() {
    const line = document.getElementById("bulk-count");
    if (!line) return;
    if (all) line.textContent = "";
    else if (ticked.size) line.textContent = `${ticked.size} ticked`;
    else line.textContent = document.getElementById("bulk-all") ? "Or tick some below." : "";
  }

  document.addEventListener("change", ({ target }) => {
    if (target.matches("input[name=job]")) ticked[target.checked ? "add" : "delete"](target.value);
    else if (target.id === "bulk-all") all = target.checked;
    else return;
    count();
  });

  document.addEventListener("htmx:afterSwap", () => {
    const there = new Set();
    for (const box of document.querySelectorAll("input[name=job]")) {
      box.checked = ticked.has(box.value);
      there.add(box.value);
    }
    for (const id of ticked) if (!there.has(id)) ticked.delete(id);
    const every = document.getElementById("bulk-all");
    if (every) every.checked = all;
    else all = false;
    count();
  });
})();
