// The common options as a form beside the text: either one follows the other.
import { isolateHistory } from "@codemirror/commands";
import { changeAt, member, read, rootOf } from "./tree.js";

const AFTER = { title: ["kind"], subtitle: ["kind", "title"] };
const PLAIN = /^[^()]*$/; // a column's name, and no call such as sum(revenue)

export class Fields {
  constructor(panel, view, language) {
    this.panel = panel;
    this.view = view;
    this.language = language;
    this.fields = [...panel.querySelectorAll("[data-path]")];
    for (const field of this.fields) {
      field.addEventListener(field.localName === "select" ? "change" : "input", () => this.write(field));
    }
    this.show();
  }

  // The path of a field in the text as it is: a channel that is an object has its column in `field`.
  path(field) {
    const path = field.dataset.path.split(".");
    if (field.dataset.channel === undefined) return path;
    const found = member(this.view.state, rootOf(this.view.state), path[0]);
    return found?.value?.name === "Object" ? [...path, "field"] : path;
  }

  valueAt(path) {
    return path.reduce((node, name) => (node?.constructor === Object ? node[name] : undefined), this.document);
  }

  write(field) {
    const { state } = this.view;
    if (rootOf(state)?.name !== "Object") return;
    const text = field.value;
    let path = this.path(field);
    let value = text === "" ? undefined : field.type === "number" ? Number(text) : text;
    const parent = this.valueAt(path.slice(0, -1));
    if (path.length === 2 && typeof parent === "string" && value !== undefined) {
      value = { field: parent, [path[1]]: value }; // "region" becomes {"field": "region", ...}
      path = path.slice(0, 1);
    }
    const changes = changeAt(state, path, value, AFTER[field.dataset.path]);
    if (!changes) return;
    this.view.dispatch({
      changes,
      userEvent: "input.field",
      annotations: field.localName === "select" ? isolateHistory.of("full") : [],
      scrollIntoView: false,
    });
  }

  // What the text says, in the fields; a field in which somebody types is left alone.
  show() {
    const { state } = this.view;
    const root = rootOf(state);
    const document = root ? read(state, root) : undefined;
    if (document?.constructor !== Object) return; // half written: the fields wait
    this.document = document;
    for (const field of this.fields) {
      const path = this.path(field);
      let choices = this.language.choices(state, path[0]);
      if (path[0] === "kind") choices = document.layers || document.panels ? null : [];
      const absent = choices === null || (field.dataset.path === "color.legend" && !this.hasPlainColor());
      if (field.localName === "select" && field.dataset.choices !== undefined && choices) this.fill(field, choices);
      const value = this.valueAt(path);
      const shown = value === undefined ? "" : String(value);
      field.disabled = absent || value?.constructor === Object || Array.isArray(value);
      if (field !== window.document.activeElement && field.value !== shown) field.value = field.disabled ? "" : shown;
    }
  }

  hasPlainColor() {
    const color = this.document.color;
    return color?.constructor === Object || (typeof color === "string" && PLAIN.test(color));
  }

  fill(field, choices) {
    const there = [...field.options].slice(1).map((option) => option.value);
    if (there.join() === choices.join()) return;
    field.replaceChildren(field.options[0], ...choices.map((value) => new Option(value, value)));
  }
}
