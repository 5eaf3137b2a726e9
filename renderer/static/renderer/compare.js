// Before and after: two pictures over each other, and a slider for how much of each is seen.
// Without this they stand side by side. It comes before the page is seen, so that nothing moves.
"use strict";

(() => {
  document.documentElement.classList.add("scripted");

  function show(compare) {
    const slider = compare.querySelector("input[type=range]");
    compare.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value} % before, ${100 - slider.value} % after`);
  }

  function begin() {
    for (const compare of document.querySelectorAll("[data-compare]")) show(compare);
  }

  // The pictures themselves can be dragged over, too.
  function drag(event) {
    const image = event.target.closest?.("[data-compare] img");
    if (!image || !(event.buttons & 1)) return;
    const compare = image.closest("[data-compare]");
    const { left, width } = compare.getBoundingClientRect();
    const slider = compare.querySelector("input[type=range]");
    slider.value = Math.round((100 * (event.clientX - left)) / width);
    show(compare);
  }

  document.addEventListener("input", (event) => {
    const compare = event.target.closest("[data-compare]");
    if (compare) show(compare);
  });
  document.addEventListener("pointerdown", drag);
  document.addEventListener("pointermove", drag);
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("[data-compare]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-empties]");
    if (!button) return;
    const part = document.getElementById(button.dataset.empties);
    part.replaceChildren();
    document.querySelector(".versions [aria-current]")?.focus();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    begin();
    if (event.detail.target.id !== "compare") return;
    const { target } = event.detail;
    const next = target.querySelector("input[type=range]") ?? target.querySelector("h2");
    next?.focus({ preventScroll: true });
  });
  document.addEventListener("DOMContentLoaded", begin);
})();
