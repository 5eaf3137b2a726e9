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
import { Preview } from "./preview.js";

const CHECK_AFTER = 400; // milliseconds without a key
const DRAW_AFTER = 300; // and so many more

const form = document.querySelector("form[data-editor]");
const area = form.querySelector("textarea[name=spec]");
const problemsLine = form.querySelector("[data-problems]");
const columnsList = document.getElementById("columns");
const language = new Language({ $defs: {} });
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
      method: "POST", body: text, headers: { "Content-Type": "text/plain", "X-CSRFToken": preview.token },
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    found = await answer.json();
  } catch {
    if (own === round) preview.say("The text could not be checked: the server did not answer. It is tried again when you type.", "failed");
    return;
  }
  if (own !== round) return; // somebody typed on
  if (found.columns) {
    language.columns = found.columns;
    columnsList.replaceChildren(...found.columns.map((name) => new Option(name, name)));
  }
  mark(found.problems, found.warnings);
  if (found.problems.length) preview.hold(found.problems.length);
  else drawing = setTimeout(() => preview.draw(), DRAW_AFTER);
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
const preview = new Preview(form, form.querySelector(".preview"), () => view.state.doc.toString());

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

// Saving makes the draft go; one that is just being asked for is waited for, so that it is known.
form.addEventListener("submit", (event) => {
  clearTimeout(checking);
  clearTimeout(drawing);
  preview.turn += 1;
  if (!preview.pending) return;
  event.preventDefault();
  event.stopPropagation();
  const { submitter } = event;
  preview.pending.then(() => setTimeout(() => form.requestSubmit(submitter)));
});

fetch(form.dataset.schema).then((answer) => answer.json()).then((schema) => {
  language.schema = schema;
  fields = new Fields(form.querySelector(".fields"), view, language);
}, () => {}); // without the schema there is no completion, and the rest works
showHistory(view.state);
check();
