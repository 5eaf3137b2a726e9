// Completion from the JSON Schema of the chart language: names of fields, kinds, values, and the columns of the data.
import { startCompletion } from "@codemirror/autocomplete";
import { member, pathTo, read, rootOf, treeOf } from "./tree.js";

export class Language {
  constructor(schema) {
    this.schema = schema;
    this.columns = [];
  }

  // The schema comes twice, and with its descriptions later, as a rule.
  learn(schema, isDescribed = false) {
    if (this.isDescribed) return;
    this.schema = schema;
    this.isDescribed = isDescribed;
    this.kindTexts = null;
  }

  // All forms that a schema may take, without references; each keeps the nearest description.
  *forms(schema, described = {}, depth = 0) {
    if (!schema || depth > 12) return;
    const about = { ...described };
    for (const key of ["description", "default"]) if (schema[key] !== undefined) about[key] ??= schema[key];
    if (schema.$ref) yield* this.forms(this.at(schema.$ref), about, depth + 1);
    const options = schema.anyOf ?? (schema.properties ? null : schema.oneOf) ?? schema.allOf;
    if (options) for (const option of options) yield* this.forms(option, about, depth + 1);
    else if (!schema.$ref) yield { ...schema, ...about };
  }

  at(reference) {
    return reference.slice(2).split("/").reduce((node, name) => node?.[name], this.schema);
  }

  kindsOf(form) {
    return [...this.forms(form.properties?.kind)].flatMap((kind) => kind.enum ?? (kind.const === undefined ? [] : [kind.const]));
  }

  // Of several forms of an object those that its `kind` means; before there is one, those without kinds.
  fitting(forms, state, object) {
    const objects = forms.filter((form) => form.properties || form.additionalProperties);
    const found = object?.name === "Object" ? member(state, object, "kind")?.value : null;
    const kind = found ? read(state, found) : undefined;
    const meant = objects.filter((form) => this.kindsOf(form).includes(kind));
    return meant.length ? meant : objects;
  }

  // The schemas of what stands at a path.
  schemasAt(state, path) {
    let schemas = [this.schema];
    for (const { key, container } of path) {
      const forms = schemas.flatMap((schema) => [...this.forms(schema)]);
      if (typeof key === "number") schemas = forms.flatMap((form) => (form.items ? [form.items] : []));
      else {
        schemas = this.fitting(forms, state, container).flatMap((form) => {
          if (form.properties && Object.hasOwn(form.properties, key)) return [form.properties[key]];
          return form.additionalProperties?.constructor === Object ? [form.additionalProperties] : [];
        });
      }
    }
    return schemas;
  }

  // The values that a field of the chart may have, if they can be listed: of the form, or null if it has no such field.
  choices(state, name) {
    const root = rootOf(state);
    if (root?.name !== "Object") return null;
    const schemas = this.schemasAt(state, [{ key: name, container: root }]);
    if (!schemas.length) return null;
    return [...new Set(schemas.flatMap((schema) => [...this.forms(schema)]).flatMap((form) => form.enum ?? []))];
  }

  complete(context) {
    const { state, pos } = context;
    let node = treeOf(state).resolveInner(pos, -1);
    if (node.name === "⚠" && node.parent) node = node.parent;
    if (node.name === "PropertyName") {
      return pos === node.to ? null : this.names(state, node.parent.parent, node.from, node.to, node.parent);
    }
    if (node.name === "String") return pos === node.to ? null : this.values(state, node, node.from, node.to);
    const word = context.matchBefore(/[\w"]*$/);
    const from = word ? word.from : pos;
    const text = state.sliceDoc(Math.max(0, from - 500), from).trimEnd();
    const before = text.at(-1);
    // What comes now belongs to where the last sign stands: behind the end of a text that is half written is nothing.
    node = treeOf(state).resolveInner(Math.max(0, from - 500) + text.length, -1);
    if (!context.explicit && from === pos && before !== ":") return null;
    while (node && !["Property", "Object", "Array"].includes(node.name)) node = node.parent;
    if (node?.name === "Property" && before === ":") return this.values(state, null, from, pos, node);
    if (node?.name === "Property") node = node.parent;
    if (node?.name === "Object" && (before === "{" || before === ",")) return this.names(state, node, from, pos);
    if (node?.name === "Array" && (before === "[" || before === ",")) return this.values(state, null, from, pos, node);
    return null;
  }

  names(state, object, from, to, own) {
    const schemas = this.schemasAt(state, pathTo(state, object));
    let forms = this.fitting(schemas.flatMap((schema) => [...this.forms(schema)]), state, object);
    const kinds = forms.filter((form) => form.properties?.kind);
    const options = new Map();
    if (kinds.length > 1 && !member(state, object, "kind")) {
      forms = forms.filter((form) => !form.properties?.kind);
      options.set("kind", { description: "What is drawn: bar, line, scatter and so on." });
    }
    const there = new Set(object.getChildren("Property").filter((one) => one.from !== own?.from)
      .map((one) => one.getChild("PropertyName")).filter(Boolean).map((key) => read(state, key)));
    for (const form of forms) {
      for (const [name, schema] of Object.entries(form.properties ?? {})) {
        if (!options.has(name)) options.set(name, [...this.forms(schema)][0] ?? {});
      }
    }
    const required = new Set(forms.flatMap((form) => form.required ?? []));
    const colon = /^\s*:/.test(state.sliceDoc(to, to + 20));
    return result(from, to, [...options].filter(([name]) => !there.has(name)).map(([name, about]) => ({
      label: JSON.stringify(name),
      displayLabel: name,
      type: "property",
      boost: required.has(name) || name === "kind" ? 10 : 0,
      detail: required.has(name) ? "needed" : "",
      info: describe(about),
      apply: (view, _, start, end) => {
        const text = colon ? JSON.stringify(name) : `${JSON.stringify(name)}: `;
        view.dispatch({
          changes: { from: start, to: end, insert: text }, selection: { anchor: start + text.length }, userEvent: "input.complete",
        });
        if (!colon) startCompletion(view);
      },
    })));
  }

  values(state, node, from, to, place) {
    const path = node ? pathTo(state, node) : place.name === "Array"
      ? [...pathTo(state, place), { key: 0, container: place }]
      : [...pathTo(state, place.parent), { key: read(state, place.getChild("PropertyName")), container: place.parent }];
    const forms = this.schemasAt(state, path).flatMap((schema) => [...this.forms(schema)]);
    const last = path.at(-1)?.key;
    const options = new Map();
    const add = (value, type, about = {}) => {
      const label = JSON.stringify(value);
      if (!options.has(label) && (!node || typeof value === "string")) {
        options.set(label, { label, displayLabel: typeof value === "string" ? value : label, type, ...about });
      }
    };
    if (last === "field" || forms.some((form) => form.properties?.field && form.properties?.agg)) {
      for (const column of this.columns) add(column, "variable", { detail: "column", boost: 10 });
    }
    for (const form of forms) {
      for (const value of form.enum ?? []) add(value, "enum", last === "kind" ? this.kindInfo(value) : {});
      if (form.const !== undefined) add(form.const, "enum", last === "kind" ? this.kindInfo(form.const) : {});
      if (form.type === "boolean") [true, false].forEach((value) => add(value, "keyword"));
    }
    return result(from, to, [...options.values()]);
  }

  kindInfo(kind) {
    this.kindTexts ??= new Map(Object.values(this.schema.$defs).filter((form) => form.properties?.kind)
      .flatMap((form) => this.kindsOf(form).map((name) => [name, form.description])));
    const text = this.kindTexts.get(kind);
    return text ? { info: text } : {};
  }
}

function describe(about) {
  const parts = [about.description, about.default === undefined ? "" : `Default: ${JSON.stringify(about.default)}`];
  return parts.filter(Boolean).join("\n") || undefined;
}

function result(from, to, options) {
  return options.length ? { from, to, options, validFor: /^"?[\w. ]*$/ } : null;
}
