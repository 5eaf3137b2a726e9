// The gallery: what is selected stays selected while the cards are swapped, and the bar shows how much that is.
"use strict";

(() => {
  const selected = new Set();
  const boxes = () => [...document.querySelectorAll('.card-select input[name="chart"]')];

  // Cards come anew whenever one of them changes; only those that are there can be selected.
  function restore() {
    const there = boxes();
    const ids = new Set(there.map((box) => box.value));
    for (const id of selected) if (!ids.has(id)) selected.delete(id);
    for (const box of there) box.checked = selected.has(box.value);
    show();
  }

  function show() {
    const form = document.getElementById("several");
    const found = document.getElementById("found");
    if (!form || !found) return;
    const count = selected.size;
    const all = document.getElementById("select-all");
    found.classList.toggle("is-selecting", count > 0);
    form.classList.toggle("is-idle", count === 0);
    form.classList.toggle("is-used", count > 0);
    all.closest("label").hidden = false;
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
    document.getElementById("several-count").textContent = count ? `${count} selected` : "";
    const charts = count === 1 ? "the selected chart" : `the ${count} selected charts`;
    document.getElementById("confirm-several-title").textContent = `Delete ${charts}?`;
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.id === "select-all") {
      for (const each of boxes()) {
        if (box.checked) selected.add(each.value);
        else selected.delete(each.value);
      }
      restore();
    } else if (box.matches('.card-select input[name="chart"]')) {
      if (box.checked) selected.add(box.value);
      else selected.delete(box.value);
      show();
    }
  });

  // A download leaves the page as it is, so its form may be sent again.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.value === "zip") setTimeout(() => delete event.target.dataset.sent);
  });

  // What the browser kept of a page that one came back to counts as well.
  for (const box of boxes()) if (box.checked) selected.add(box.value);
  restore();
  document.body.addEventListener("htmx:afterSwap", restore);
})();
