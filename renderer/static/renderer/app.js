// What the pages do in the browser: times in the reader's zone, the picture's swap, and small comforts.
// Everything works without it, only not by itself.
"use strict";

(() => {
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  // --- Times ---------------------------------------------------------------------------------------------------
  // To the letter what the server writes (renderer/web/moments.py), so that nothing moves when the script comes.
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (number) => String(number).padStart(2, "0");

  function absolute(at) {
    const day = `${DAYS[at.getDay()]} ${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
    return `${day}, ${two(at.getHours())}:${two(at.getMinutes())}`;
  }

  function clock(at) {
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  }

  function ago(seconds) {
    const distance = Math.abs(seconds);
    const isPast = seconds < 0;
    const told = (length, unit) => {
      const number = Math.round(distance / length);
      if (unit === "day" && number === 1) return isPast ? "yesterday" : "tomorrow";
      const words = `${number} ${unit}${number === 1 ? "" : "s"}`;
      return isPast ? `${words} ago` : `in ${words}`;
    };
    if (distance < 45) return isPast ? "just now" : "in a moment";
    if (distance < HOUR) return told(MINUTE, "minute");
    if (distance < DAY) return told(HOUR, "hour");
    return distance < 30 * DAY ? told(DAY, "day") : null;
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
      let text = absolute(at);
      if (style === "clock") text = clock(at);
      else if (style === "since") text = since(-seconds);
      else if (style === "ago") text = ago(seconds) ?? text;
      if (element.textContent !== text) element.textContent = text;
      if (!element.title) element.title = absolute(at);
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

  // --- News of jobs ----------------------------------------------------------------------------------------------
  // While the stream of events is heard, live parts ask when something happened, and rarely besides; else (no stream,
  // or a proxy cut it) as often as they say themselves. Browsers keep six connections to a server for all tabs
  // together, so a tab that nobody sees gives its one back.
  const RARELY = 10_000; // milliseconds
  const GATHER = 100;
  const HAPPENINGS = [
    "queued", "started", "advanced", "cancelling", "retried", "rescued", "released",
    "succeeded", "failed", "cancelled", "expired",
  ];
  const askedAt = new Map();
  let stream = null;
  let isHeard = false;
  let gathered = null;

  function listen() {
    const live = document.querySelector(".live[data-events]");
    if (live && !document.hidden && !stream) {
      stream = new EventSource(live.dataset.events);
      for (const name of ["ready", "reset"]) {
        stream.addEventListener(name, () => {
          isHeard = true;
          ask(() => true);
        });
      }
      for (const name of HAPPENINGS) {
        stream.addEventListener(name, (event) => {
          const { job, chart } = JSON.parse(event.data);
          isHeard = true;
          ask((about) => !about || about === job || about === chart);
        });
      }
      stream.addEventListener("error", () => { isHeard = false; }); // the browser comes back by itself
    } else if (stream && (!live || document.hidden)) {
      stream.close();
      stream = null;
      isHeard = false;
    }
  }

  // Several events at once are one question.
  function ask(concerns) {
    const due = [...document.querySelectorAll(".live[data-events]")].filter((live) => concerns(live.dataset.about));
    if (!due.length) return;
    gathered ??= setTimeout(tell, GATHER) && new Set();
    for (const live of due) gathered.add(live.id);
  }

  function tell() {
    const ids = gathered;
    gathered = null;
    for (const id of ids) document.getElementById(id)?.dispatchEvent(new CustomEvent("figpress:news"));
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (!elt.matches(".live")) return;
    const isPoll = !requestConfig.triggeringEvent;
    if (isPoll && isHeard && Date.now() - (askedAt.get(elt.id) ?? 0) < RARELY) event.preventDefault();
    else askedAt.set(elt.id, Date.now());
  });
  document.addEventListener("visibilitychange", listen);

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

  // A live part whose row is gone has the page load again, to say so; but not while the page is about to be left. What
  // leads away from it is often what the row went with, and loading it again would be the end of that.
  const ABOUT_TO_LEAVE = 30_000; // milliseconds, for a download leaves the page where it is
  let leaving = -ABOUT_TO_LEAVE;
  addEventListener("beforeunload", () => { leaving = performance.now(); });
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const wantsRefresh = event.detail.xhr.getResponseHeader("HX-Refresh") === "true";
    if (wantsRefresh && performance.now() - leaving < ABOUT_TO_LEAVE) event.preventDefault();
  });

  // What was previewed and not saved goes with the page.
  addEventListener("pagehide", () => {
    const form = document.querySelector("form[data-leave]");
    const draft = form?.elements.draft;
    if (!draft?.value) return;
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "draft"]) body.set(name, form.elements[name].value);
    navigator.sendBeacon(form.dataset.leave, body);
    draft.value = "";
  });

  // A whole page from another address than was asked is the one for signing in. What was typed stays.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const path = (url) => new URL(url, location.href).pathname;
    if (path(detail.xhr.responseURL) === path(detail.pathInfo.requestPath)) return;
    if (!/^\s*<!doctype/i.test(detail.serverResponse)) return;
    detail.shouldSwap = false;
    detail.target.textContent = "You are signed out. Sign in in another tab, then go on here.";
  });

  // The server writes times in the zone that it was told last, so that they do not change under the reader's eyes.
  function useOwnZone() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && !document.cookie.split("; ").includes(`figpress_zone=${encodeURIComponent(zone)}`)) {
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `figpress_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax${secure}`;
    }
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
  listen();
  document.body.addEventListener("htmx:afterSwap", () => {
    showTimes();
    showPicture();
    announce();
    listen();
  });
})();
