// Bundles the editor into the one static file that is served. The first line of it names what it was made of.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const sources = readdirSync(here).filter((name) => name.endsWith(".js") || name === "package-lock.json").sort();
const digest = createHash("sha256");
for (const name of sources) digest.update(`${name}\n`).update(readFileSync(new URL(name, here)));

// style-mod would put a <style> into the page, which the Content-Security-Policy forbids, though every browser that can
// run the editor adopts a sheet made by a script. It does so itself where there is no <head>, in shadow trees.
const adoptsSheets = {
  name: "adopts-sheets",
  setup({ onLoad }) {
    onLoad({ filter: /style-mod\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace("if (!root.head && root.adoptedStyleSheets", "if (root.adoptedStyleSheets");
      if (contents === text) throw new Error("style-mod has changed: look at how it mounts its sheet");
      return { contents };
    });
  },
};

const licence = readFileSync(new URL("node_modules/@codemirror/state/LICENSE", here), "utf8").trim();
const { outputFiles } = await build({
  entryPoints: [new URL("editor.js", here).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "inline",
  plugins: [adoptsSheets],
  write: false,
});
const banner = `/* Made by "make assets" from assets/editor; sources: sha256 ${digest.digest("hex")} */
/*! Contains CodeMirror and Lezer (codemirror.net), style-mod, crelt and w3c-keyname:\n\n${licence}\n*/\n`;
writeFileSync(new URL("../../renderer/static/renderer/editor.js", here), banner + outputFiles[0].text);
