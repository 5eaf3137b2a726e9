// What the pages do in the browser: times in the reader's zone, the picture's swap, and small comforts.
// Everything works without it, only not by itself.
"use strict";

(() => {
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  // --- Times ---------------------------------------------------------------------------------------------------
  const locale = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const absolute = new Intl.DateTimeFormat(locale, {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
  });
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  function ago(seconds) {
    const distance = Math.abs(seconds);
    if (distance < 45) return seconds > 0 ? "in a moment" : "just now";
    if (distance < HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
    if (distance < DAY) return relative.format(Math.round(seconds / HOUR), "hour");
    if (distance < 30 * DAY) return relative.format(Math.round(seconds / DAY), "day");
    return null;
  }

  function since(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < MINUTE) return `${whole} s`;
    if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
    return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
  }

  function showTimes() {
    for (const element of document.querySelectorAll("time[data-style]")) {
      const at = new Date(element.dateTime);
      const seconds = (at - Date.now()) / 1000;
      const style = element.dataset.style;
      let text = absolute.format(at);
      if (style === "clock") text = clock.format(at);
      else if (style === "since") text = since(-seconds);
      else if (style === "ago") text = ago(seconds) ?? text;
      if (element.textContent !== text) element.textContent = text;
      if (!element.title) element.title = absolute.format(at);
    }
  }

  // --- The picture ---------------------------------------------------------------------------------------------
  // The new one is fetched and decoded behind the scenes and takes the old one's room: nothing flashes or moves.
  async function showPicture() {
    const frame = document.getElementById("picture");
    const next = document.querySelector("[data-picture]");
    if (!frame || !next || frame.dataset.shown === next.dataset.picture) return;
    const url = next.dataset.picture;
    frame.dataset.shown = url;
    const loader = new Image();
    loader.src = url;
    try {
      await loader.decode();
    } catch {
      delete frame.dataset.shown; // asked for again with the next change
      return;
    }
    if (frame.dataset.shown !== url) return; // a newer one came meanwhile
    const image = frame.querySelector("img");
    image.src = url;
    image.alt = next.dataset.alt;
    image.classList.remove("is-placeholder");
  }

  // --- What changed, for those who do not see it ---------------------------------------------------------------
  let announced = document.querySelector("[data-announce]")?.dataset.announce;

  function announce() {
    const text = document.querySelector("[data-announce]")?.dataset.announce;
    if (!text || text === announced) return;
    announced = text;
    document.getElementById("announcer").textContent = text;
  }

  // --- Forms ---------------------------------------------------------------------------------------------------
  function goToLine(line) {
    const field = document.querySelector("textarea.code");
    const lines = field.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    const height = parseFloat(getComputedStyle(field).lineHeight);
    field.scrollTop = Math.max(0, (line - 4) * height);
  }

  async function copy(button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  }

  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]");
    if (line) goToLine(Number(line.dataset.line));
    const source = event.target.closest("[data-copy]");
    if (source) copy(source);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.target.closest("form[data-submit-with-ctrl-enter]")?.requestSubmit();
  });

  // A form that is on its way is not sent again by an impatient second click.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    else event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  function useOwnZone() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const field of document.querySelectorAll("input[data-own-zone]")) {
      if (zone && field.value === field.defaultValue && field.value === "UTC") field.value = zone;
    }
  }

  // --- Start ---------------------------------------------------------------------------------------------------
  showTimes();
  useOwnZone();
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.querySelector("[data-focus]")?.focus();
  setInterval(showTimes, 1000);
  document.body.addEventListener("htmx:afterSwap", () => {
    showTimes();
    showPicture();
    announce();
  });
})();
