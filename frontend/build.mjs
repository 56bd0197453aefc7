// Bundles the scripts and styles of our own with their libraries into the package's static files:
// app.js, theme.js, app.css, the phone's field* files, icons.svg and mark.svg, each with a hash in its name, and manifest.json
// to find them by.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const source = join(root, "src", "jieli");
const out = join(source, "ui", "static", "ui", "build");
const readerFile = join(root, "node_modules", "zxing-wasm", "dist", "reader", "zxing_reader.wasm");
const iconFolder = join(root, "node_modules", "@tabler", "icons", "icons", "outline");

function files(folder, wanted) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "build" || entry.name === "__pycache__") return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path, wanted) : wanted(path) ? [path] : [];
  });
}

// An icon is used when it is named in a template's {% icon "name" %}, in a tag's icon_name="name", in the navigation, or in icons.txt.
function usedIcons() {
  const names = new Set(readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean));
  for (const path of files(source, (name) => name.endsWith(".html"))) {
    for (const match of readFileSync(path, "utf8").matchAll(/(?:\{% icon |icon_name=)["']([a-z0-9-]+)["']/g)) names.add(match[1]);
  }
  return [...names].sort();
}

function sprite() {
  const symbols = usedIcons().map((name) => {
    let svg;
    try {
      svg = readFileSync(join(iconFolder, `${name}.svg`), "utf8");
    } catch {
      throw new Error(`There is no icon "${name}"; a template or frontend/icons.txt names it.`);
    }
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function named(file, text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const dot = file.lastIndexOf(".");
  const name = `${file.slice(0, dot)}-${hash}${file.slice(dot)}`;
  writeFileSync(join(out, name), text);
  return name;
}

const kilobytes = (name) => Math.ceil(statSync(join(out, name)).size / 1024);

const options = {
  entryPoints: ["app.js", "theme.js", "app.css"].map((name) => join(here, name)),
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: false,
  target: ["chrome109", "firefox115", "safari16"],
  format: "iife",
  entryNames: "[name]-[hash]",
  metafile: true,
  legalComments: "linked",
  logLevel: "warning",
  loader: { ".svg": "dataurl", ".woff2": "file" },
};

// The engineer's phone: modules, as the barcode reader is loaded only where it is needed; the service worker is no module,
// because not every phone takes one.
const phone = { ...options, entryPoints: ["field.js", "field-scanner.js", "field.css"].map((name) => join(here, "field", name)), format: "esm" };
const worker = { ...options, entryPoints: [join(here, "field", "field-worker.js")] };

function finish(...metafiles) {
  const manifest = {};
  for (const [path, output] of metafiles.flatMap((metafile) => Object.entries(metafile.outputs))) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
  }
  for (const name of ["field-192.png", "field-512.png", "field-mask.png"]) manifest[name] = named(name, readFileSync(join(here, "field", name)));
  manifest["field-reader.wasm"] = named("field-reader.wasm", readFileSync(readerFile));
  manifest["icons.svg"] = named("icons.svg", sprite());
  manifest["mark.svg"] = named("mark.svg", readFileSync(join(here, "mark.svg"), "utf8"));
  // The web server hands out these copies; it compresses nothing by itself.
  for (const name of Object.values(manifest)) {
    const text = readFileSync(join(out, name));
    writeFileSync(join(out, `${name}.gz`), gzipSync(text, { level: 9 }));
    writeFileSync(join(out, `${name}.br`), brotliCompressSync(text));
  }
  const draft = join(out, "manifest.json.new");
  writeFileSync(draft, JSON.stringify(manifest, null, 2) + "\n");
  renameSync(draft, join(out, "manifest.json"));
  const kept = new Set([...Object.values(manifest), "manifest.json"]);
  for (const name of readdirSync(out)) {
    // A running server goes on with the files it began with.
    const isFresh = Date.now() - statSync(join(out, name)).mtimeMs < 24 * 3600_000;
    if (!kept.has(name.replace(/\.(gz|br)$/, "")) && !name.endsWith(".LEGAL.txt") && !isFresh) rmSync(join(out, name));
  }
  for (const [name, file] of Object.entries(manifest)) console.log(`${name} → ${file} ${kilobytes(file)} kB, ${kilobytes(`${file}.br`)} kB sent`);
}

mkdirSync(out, { recursive: true });
const all = [options, phone, worker];
if (process.argv.includes("--watch")) {
  const made = new Map();
  for (const one of all) {
    const note = (result) => { if (result.metafile && made.set(one, result.metafile).size === all.length) finish(...made.values()); };
    await (await context({ ...one, plugins: [{ name: "finish", setup: (b) => b.onEnd(note) }] })).watch();
  }
} else {
  finish(...(await Promise.all(all.map(build))).map((result) => result.metafile));
}
