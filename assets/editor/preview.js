// The preview: what is typed, drawn by a worker. The old picture stays until the new one is there.
const POLL = 250; // milliseconds
const POLL_LATER = 1000;
const POLL_HEARD = 3000; // while events say when to look
const EARLY = 40; // so many looks are early ones
const NEWS = ["started", "advanced", "succeeded", "failed", "cancelled", "expired"];

export class Preview {
  constructor(form, panel, text) {
    this.form = form;
    this.text = text;
    this.token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.draftField = form.querySelector("[name=draft]");
    this.panel = panel;
    this.frame = panel.querySelector(".preview-picture");
    this.image = this.frame.querySelector("img");
    this.status = panel.querySelector("[data-status]");
    this.notes = panel.querySelector("[data-notes]");
    this.turn = 0;
    this.asked = "";
    this.pending = null;
    this.stopped = false;
    for (const choice of panel.querySelectorAll("select")) choice.addEventListener("change", () => this.draw());
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      this.stopped = false;
      this.asked = "";
      this.draw();
    });
  }

  say(text, state = "") {
    if (this.status.textContent !== text) this.status.textContent = text;
    this.panel.dataset.state = state;
  }

  note(lines) {
    this.notes.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    this.notes.hidden = !lines.length;
  }

  // Something is wrong with the text: the last picture stays, and whatever is under way is of no use.
  hold(count) {
    this.asked = "";
    this.turn += 1;
    this.say(count === 1 ? "Mend the one thing that is marked, and it is drawn." : `Mend the ${count} things that are marked, and it is drawn.`, "held");
    this.note([]);
  }

  // Ask for the text to be drawn; one ask at a time, and the last one wins.
  async draw() {
    const choices = [...this.panel.querySelectorAll("select")].map((field) => [field.name, field.value]);
    const key = JSON.stringify([this.text(), choices]);
    if (this.stopped || key === this.asked) return;
    this.asked = key;
    const turn = (this.turn += 1);
    while (this.pending) await this.pending;
    if (turn !== this.turn || this.stopped) return;
    this.say("Drawing…", "busy");
    this.pending = this.ask(new URLSearchParams([["draft", this.draftField.value], ...choices]));
    const answer = await this.pending;
    this.pending = null;
    if (answer?.draft) this.draftField.value = answer.draft;
    if (turn !== this.turn || !answer) return;
    if (answer.problems) this.refused(answer.problems);
    else if (answer.message) this.say(answer.message, "failed");
    else await this.follow(answer, turn);
  }

  refused(problems) {
    this.say(`It cannot be drawn like that: ${problems.map((one) => `${one.pointer} ${one.message}`.trim()).join("; ")}`, "failed");
  }

  async ask(query) {
    try {
      const answer = await fetch(`${this.form.dataset.preview}?${query}`, {
        method: "POST", body: this.text(), headers: { "Content-Type": "text/plain", "X-CSRFToken": this.token },
      });
      if (answer.redirected) return { message: "You are signed out. Sign in in another tab, then type on." };
      if (answer.status >= 500 || !answer.headers.get("Content-Type")?.includes("json")) return { message: "The server did not answer. It is tried again when you type." };
      return await answer.json();
    } catch {
      return { message: "The server cannot be reached. It is tried again when you type." };
    }
  }

  async follow(state, turn) {
    let looks = 0;
    this.listen();
    for (;;) {
      if (turn !== this.turn || this.stopped) break;
      if (state) await this.show(state, turn);
      if (state?.final || turn !== this.turn) break;
      const pause = this.heard ? POLL_HEARD : (looks += 1) < EARLY ? POLL : POLL_LATER;
      await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, pause); });
      if (turn !== this.turn || this.stopped) break;
      state = await this.look(state.job) ?? state;
    }
    if (turn === this.turn || this.stopped) this.unlisten();
  }

  async look(job) {
    try {
      const answer = await fetch(`${this.form.dataset.preview}${job}/`);
      return answer.status === 200 ? await answer.json() : null;
    } catch {
      return null; // asked again
    }
  }

  // Events of jobs, where the server can keep a stream open; polling alone does without.
  listen() {
    if (this.stream || !this.form.dataset.events) return;
    this.stream = new EventSource(this.form.dataset.events);
    this.stream.addEventListener("ready", () => { this.heard = true; });
    this.stream.addEventListener("error", () => { this.heard = false; });
    for (const name of NEWS) this.stream.addEventListener(name, () => this.wake?.());
  }

  unlisten() {
    this.stream?.close();
    this.stream = null;
    this.heard = false;
  }

  async show(state, turn) {
    if (state.status === "succeeded" && state.picture) {
      const loader = new Image();
      loader.src = state.picture.url;
      try {
        await loader.decode();
      } catch {
        this.say("It was drawn, but the picture could not be fetched. Type on, and it is drawn again.", "failed");
        return;
      }
      if (turn !== this.turn) return;
      this.image.src = state.picture.url;
      this.image.alt = state.picture.alt;
      this.image.width = state.picture.width;
      this.image.height = state.picture.height;
      this.image.hidden = false;
      this.frame.querySelector("p").hidden = true;
      this.say(`Drawn in ${state.drawn_ms} ms, after ${state.queued_ms} ms in the queue.`, "drawn");
      this.note(state.warnings);
    } else if (state.final && state.status !== "succeeded") {
      this.say([state.status === "failed" ? "Not drawn." : "Not drawn: it was stopped.", state.sentence, state.advice].filter(Boolean).join(" "), "failed");
      this.note([]);
      this.asked = "";
    } else {
      this.say(state.status === "queued" ? `Waiting. ${state.sentence}` : `Drawing… ${state.sentence}`, "busy");
    }
  }

  leave() {
    this.stopped = true;
    this.turn += 1;
    this.unlisten();
    if (!this.draftField.value) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.token);
    body.set("draft", this.draftField.value);
    navigator.sendBeacon(this.form.dataset.leave, body);
    this.draftField.value = "";
  }
}
