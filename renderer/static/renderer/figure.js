// Swaps the placeholder of a {% figure %} for its picture when the job is done. Included by the tag, once a page.
"use strict";

(() => {
  if (window.figpressFigures) return;
  window.figpressFigures = true;

  const FIRST = 700; // milliseconds; each wait is half as long again as the one before
  const LONGEST = 15_000;
  const ACTIVE = new Set(["queued", "running"]);

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  // Nobody looks at a hidden tab: it asks again when it is shown.
  const whenVisible = () =>
    new Promise((resolve) => {
      if (!document.hidden) resolve();
      else document.addEventListener("visibilitychange", resolve, { once: true });
    });

  async function show(element, url) {
    const loader = new Image();
    loader.src = url;
    await loader.decode();
    const image = element.querySelector("img");
    if (image.getAttribute("src") !== url) image.src = url;
    image.alt = element.dataset.alt;
  }

  async function watch(element) {
    for (let wait = FIRST; element.isConnected; wait = Math.min(wait * 1.5, LONGEST)) {
      await pause(wait);
      await whenVisible();
      let now;
      try {
        const response = await fetch(element.dataset.poll, { headers: { Accept: "application/json" } });
        if (response.status >= 400 && response.status < 500) return; // gone, or the page is too old
        if (!response.ok) continue;
        now = await response.json();
      } catch {
        continue; // offline, or the server restarts
      }
      element.dataset.state = now.state;
      if (ACTIVE.has(now.state)) continue;
      const image = element.querySelector("img");
      if (now.state === "succeeded" && now.url) {
        await show(element, now.url).catch(() => {
          image.alt = `${element.dataset.alt} (could not be loaded)`.trim();
        });
      } else if (now.state === "failed") {
        const note = now.url ? "last good picture; a newer one could not be drawn" : "could not be drawn";
        image.alt = `${element.dataset.alt} (${note})`.trim();
        if (!now.url) image.src = element.dataset.failed;
      } else if (!now.url) {
        image.alt = `${element.dataset.alt} (not drawn)`.trim();
        image.src = element.dataset.failed;
      }
      element.dispatchEvent(new CustomEvent("figpress:done", { bubbles: true, detail: now }));
      return;
    }
  }

  function start(root) {
    for (const element of root.querySelectorAll(".figpress-figure[data-poll]:not([data-watched])")) {
      element.dataset.watched = "yes";
      watch(element);
    }
  }

  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target.parentNode ?? document));
})();
