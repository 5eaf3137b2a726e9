// <fig-press src="/api/v1/charts/.../image" alt="Cups sold"></fig-press>: a chart's picture, which swaps itself when it
// is drawn. No dependencies, no styles, nothing inline. docs/clients.md
"use strict";

(() => {
  const FIRST = 700; // milliseconds; each wait is half as long again as the one before
  const LONGEST = 15_000;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  // Nobody looks at a hidden tab: it asks again when it is shown.
  const whenVisible = () =>
    new Promise((resolve) => {
      if (!document.hidden) resolve();
      else document.addEventListener("visibilitychange", resolve, { once: true });
    });

  class FigPress extends HTMLElement {
    static observedAttributes = ["src", "alt", "theme"];
    #image = new Image();
    #turn = 0; // what was begun before an attribute changed comes to nothing
    #state = "";
    #again = () => this.#start();

    connectedCallback() {
      for (const name of ["width", "height", "loading"]) {
        if (this.hasAttribute(name)) this.#image.setAttribute(name, this.getAttribute(name));
      }
      this.replaceChildren(this.#image);
      dark.addEventListener("change", this.#again);
      this.#start();
    }

    disconnectedCallback() {
      this.#turn++;
      dark.removeEventListener("change", this.#again);
    }

    attributeChangedCallback(name) {
      if (!this.isConnected) return;
      if (name === "alt") this.#say(this.#state);
      else this.#start();
    }

    #address(more = {}) {
      const url = new URL(this.getAttribute("src"), document.baseURI);
      const theme = this.getAttribute("theme");
      if (theme) url.searchParams.set("theme", theme === "auto" ? (dark.matches ? "dark" : "light") : theme);
      for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
      return url.href;
    }

    #say(state) {
      const notes = { waiting: "is being drawn", missing: "not drawn", failed: "could not be loaded" };
      const alt = this.getAttribute("alt") ?? "";
      this.#state = state;
      this.#image.alt = notes[state] ? `${alt} (${notes[state]})`.trim() : alt;
      this.setAttribute("state", state);
      this.setAttribute("aria-busy", String(state === "waiting"));
    }

    async #show(url) {
      const loader = new Image();
      loader.src = url;
      await loader.decode();
      return () => (this.#image.src = url);
    }

    async #start() {
      const turn = ++this.#turn;
      const over = () => turn !== this.#turn;
      if (!this.getAttribute("src")) return;
      const refresh = Number(this.getAttribute("refresh")) * 1000;
      let shown = "";
      let wait = FIRST;
      for (; !over(); await pause(wait), await whenVisible()) {
        if (over()) return;
        let answer;
        try {
          answer = await fetch(this.#address(), { method: "HEAD", headers: { Accept: "image/*" }, cache: "no-cache" });
        } catch {
          answer = { ok: false, status: 503 }; // offline, or the server restarts
        }
        if (over()) return;
        const etag = answer.ok && answer.headers.get("ETag");
        let state = "waiting";
        if (etag) state = "ready";
        else if (answer.ok && !answer.headers.has("Retry-After")) state = "missing";
        else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) state = "failed";
        const now = etag || state;
        if (now !== shown && (answer.ok || state === "failed")) {
          // By the hash of its content a picture may be cached for good; a placeholder never is.
          const version = etag ? { v: etag.replace(/\W/g, "").slice(0, 16) } : { t: Date.now() };
          const swap = await this.#show(this.#address(version)).catch(() => (state = "failed"));
          if (over()) return;
          if (typeof swap === "function") swap();
          shown = now;
        }
        const isNews = state !== this.#state;
        this.#say(state);
        if (isNews && state !== "waiting") {
          this.dispatchEvent(new CustomEvent("figpress:done", { bubbles: true, detail: { state } }));
        }
        if (state === "waiting") wait = Math.min(wait * 1.5, LONGEST);
        else if (refresh && state !== "failed") wait = Math.max(refresh, 1000);
        else return;
      }
    }
  }

  if (!customElements.get("fig-press")) customElements.define("fig-press", FigPress);
})();
