// The JSON text as a tree: where things are, and how one thing is changed while the rest stays as it was written.
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";

const VALUES = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);
const PATIENCE = 200; // milliseconds that reading a long text may take before what is read so far is used

export function treeOf(state) {
  return ensureSyntaxTree(state, state.doc.length, PATIENCE) ?? syntaxTree(state);
}

export function isValue(node) {
  return VALUES.has(node.name);
}

export function rootOf(state) {
  for (let node = treeOf(state).topNode.firstChild; node; node = node.nextSibling) if (isValue(node)) return node;
  return null;
}

export function read(state, node) {
  try {
    return JSON.parse(state.sliceDoc(node.from, node.to));
  } catch {
    return undefined; // half written
  }
}

export function members(state, object) {
  return object.getChildren("Property").map((node) => {
    const key = node.getChild("PropertyName");
    const last = node.lastChild;
    return { node, name: key ? read(state, key) : undefined, value: last && isValue(last) ? last : null };
  });
}

export function member(state, object, name) {
  return members(state, object).find((found) => found.name === name);
}

// The names and numbers that lead from the top to a node, whose parents are containers.
export function pathTo(state, node) {
  const path = [];
  for (let inner = node, outer = node.parent; outer; inner = outer, outer = outer.parent) {
    if (outer.name === "Property") {
      const key = outer.getChild("PropertyName");
      path.unshift({ key: key ? read(state, key) : undefined, container: outer.parent });
    } else if (outer.name === "Array") {
      path.unshift({ key: 0, container: outer });
    }
  }
  return path;
}

// The change that gives the value at a path; undefined takes it away. Null if there is nothing to change, or if
// something on the way is no object.
export function changeAt(state, path, value, after = []) {
  let object = rootOf(state);
  if (object?.name !== "Object") return null;
  for (const [depth, name] of path.entries()) {
    const found = member(state, object, name);
    if (!found) return value === undefined ? null : insertion(state, object, name, nested(path.slice(depth + 1), value), after);
    if (depth === path.length - 1) return value === undefined ? removal(state, object, found.node) : replacement(state, found, value);
    if (found.value?.name !== "Object") return null;
    object = found.value;
  }
  return null;
}

function nested(path, value) {
  return path.reduceRight((inner, name) => ({ [name]: inner }), value);
}

function written(value) {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}

function replacement(state, found, value) {
  const insert = written(value);
  if (!found.value) return { from: found.node.to, insert: ` ${insert}` };
  if (state.sliceDoc(found.value.from, found.value.to) === insert) return null;
  return { from: found.value.from, to: found.value.to, insert };
}

function insertion(state, object, name, value, after) {
  const all = members(state, object);
  const text = `${JSON.stringify(name)}: ${written(value)}`;
  if (!all.length) return { from: object.from + 1, insert: text };
  const before = after.map((other) => all.find((one) => one.name === other)).filter(Boolean).at(-1) ?? all.at(-1);
  const line = state.doc.lineAt(before.node.from);
  const own = state.sliceDoc(line.from, before.node.from);
  const gap = own.trim() === "" && all[0].node.from > state.doc.lineAt(object.from).to ? `\n${own}` : " ";
  return { from: before.node.to, insert: `,${gap}${text}` };
}

function removal(state, object, node) {
  const all = object.getChildren("Property");
  const index = all.findIndex((other) => other.from === node.from);
  if (index > 0) return { from: all[index - 1].to, to: node.to };
  return { from: node.from, to: all.length > 1 ? all[1].from : node.to };
}
