// The editor of chart specs: the form's text field, with completion, marks where something is wrong, a preview and a
// form for the common options. Without it the text field works as it is.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { json, jsonLanguage } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { Fields } from "./fields.js";
import { Language } from "./language.js";

const CHECK_AFTER = 400; // milliseconds without a key
const DRAW_AFTER = 300; // and so many more

const form = document.querySelector("form[data-editor]");
const area = form.querySelector("textarea[name=spec]");
const problemsLine = form.querySelector("[data-problems]");
const columnsList = document.getElementById("columns");
const asker = form.querySelector("[data-ask]");
const stands = document.getElementById("preview");
const choices = [...document.querySelectorAll("[form=preview-choices]")];
const language = new Language({ $defs: {} });
let asked = "";
let isAsking = false;
let checking = null;
let drawing = null;
let round = 0;
let fields = null;

function mark(problems, warnings) {
  const length = view.state.doc.length;
  const diagnostics = problems.map((one) => ({
    from: Math.min(one.from, length),
    to: Math.min(one.to, length),
    severity: "error",
    message: one.pointer ? `${one.pointer} ${one.message}` : one.message,
  }));
  for (const message of warnings) diagnostics.push({ from: 0, to: Math.min(1, length), severity: "warning", message });
  view.dispatch(setDiagnostics(view.state, diagnostics));
  const first = problems[0];
  const more = problems.length > 1 ? ` and ${problems.length - 1} more` : "";
  const text = first ? `Line ${first.line}: ${first.pointer} ${first.message}${more}` : "";
  if (problemsLine.textContent !== text) problemsLine.textContent = text;
}

async function check() {
  const own = (round += 1);
  const text = view.state.doc.toString();
  let found;
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST", body: text,
      headers: { "Content-Type": "text/plain", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    found = await answer.json();
  } catch {
    if (own === round) say("The text could not be checked: the server did not answer. It is tried again when you type.");
    return;
  }
  if (own !== round) return; // somebody typed on
  if (found.columns) {
    language.columns = found.columns;
    columnsList.replaceChildren(...found.columns.map((name) => new Option(name, name)));
  }
  mark(found.problems, found.warnings);
  const count = found.problems.length;
  if (count) say(count === 1 ? "Mend the one thing that is marked, and it is drawn." : `Mend the ${count} things that are marked, and it is drawn.`);
  else drawing = setTimeout(draw, DRAW_AFTER);
}

// In place of how the preview stands: the picture before stays, and nothing asks after it.
function say(text) {
  asked = "";
  stands.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", role: "status", textContent: text }));
}

// htmx sends the form; it asks one thing at a time, and the last one wins.
function draw() {
  const key = JSON.stringify([area.value, ...choices.map((field) => field.value)]);
  if (key === asked) return;
  asked = key;
  window.htmx.trigger(asker, "figpress:draw");
}

function changed() {
  area.value = view.state.doc.toString();
  round += 1;
  clearTimeout(checking);
  clearTimeout(drawing);
  checking = setTimeout(check, CHECK_AFTER);
}

function showHistory(state) {
  for (const [name, depth] of [["undo", undoDepth], ["redo", redoDepth]]) {
    form.querySelector(`[data-do=${name}]`).disabled = !depth(state);
  }
}

const view = new EditorView({
  state: EditorState.create({
    doc: area.value,
    extensions: [
      lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
      highlightActiveLine(), json(), syntaxHighlighting(classHighlighter), autocompletion({ icons: false }),
      jsonLanguage.data.of({ autocomplete: (context) => language.complete(context) }),
      keymap.of([
        { key: "Mod-Enter", run: () => { form.requestSubmit(); return true; } },
        ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...foldKeymap, ...defaultKeymap,
      ]),
      EditorView.contentAttributes.of({
        "aria-label": "Spec", tabindex: "0", "aria-describedby": "editor-help", spellcheck: "false", autocapitalize: "off", autocorrect: "off",
      }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        changed();
        showHistory(update.state);
        fields?.show();
      }),
    ],
  }),
  parent: form.querySelector("[data-editor-here]"),
});
for (const [name, act] of [["undo", undo], ["redo", redo]]) {
  form.querySelector(`[data-do=${name}]`).addEventListener("click", () => { act(view); view.focus(); });
}

// A line that a message names.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  const line = view.state.doc.line(Math.min(Number(link.dataset.line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: line.from, head: line.to }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
  view.focus();
});

for (const field of choices) field.addEventListener("change", draw);
asker.addEventListener("htmx:beforeRequest", () => { isAsking = true; });
asker.addEventListener("htmx:afterRequest", ({ detail }) => {
  isAsking = false;
  if (!detail.successful) say("The server did not answer. It is tried again when you type.");
});

// Back by the browser's button: the draft went when the page was left.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  asked = "";
  check();
});

// Saving makes the draft go; one that is just being asked for is waited for, so that it is known.
form.addEventListener("submit", (event) => {
  clearTimeout(checking);
  clearTimeout(drawing);
  round += 1;
  if (!isAsking) return;
  event.preventDefault();
  event.stopPropagation();
  const { submitter } = event;
  asker.addEventListener("htmx:afterRequest", () => setTimeout(() => form.requestSubmit(submitter)), { once: true });
});

// Without the schema there is no completion, and the rest works. Its descriptions are most of it, and not needed before
// somebody is about to type.
const schemaAt = (address) => fetch(address).then((answer) => answer.json());
schemaAt(form.dataset.schema).then((schema) => {
  language.learn(schema);
  fields = new Fields(form.querySelector(".fields"), view, language);
}, () => {});
view.contentDOM.addEventListener("focus", () => {
  schemaAt(form.dataset.describedSchema).then((schema) => language.learn(schema, true), () => {});
}, { once: true });
showHistory(view.state);
check();
