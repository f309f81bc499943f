/**
 * Bundles the libraries of package.json into vendor/: ES modules without bare imports, so that
 * pages need no import map and no build step of their own.
 *
 * Writes beside them VENDOR.json (name, version, licence and SHA-256 of each library, and of the
 * bundles) and the licence texts.  Run by set-up, after `npm ci`:  node build-vendor.mjs
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "vendor");

// What our modules may use; whatever is not named here is shaken out of the bundles.
const ENTRIES = {
  "ui.js": `
    import { h } from "preact";
    import htm from "htm";
    export const html = htm.bind(h);
    export { render } from "preact";
    export { useEffect, useErrorBoundary, useRef } from "preact/hooks";
    export { batch, computed, effect, signal, useSignal } from "@preact/signals";
  `,
  // For the few pages that show a code to a camera.
  "qr.js": `export { encode } from "uqr";`,
};

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function bundle([file, contents]) {
  const result = await build({
    stdin: { contents, resolveDir: here, sourcefile: file },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const names = Object.keys(result.metafile.inputs)
    .map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1])
    .filter(Boolean);
  const bytes = result.outputFiles[0].contents;
  await writeFile(join(vendor, file), bytes);
  console.log(`vendor/${file}: ${bytes.length} bytes`);
  return { names, bundle: { file, sha256: sha256(bytes), bytes: bytes.length } };
}

async function describe(name) {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ships no licence text`);
  const text = await readFile(join(folder, file));
  const licence = `licences/${name.replace("/", "-").replace("@", "")}.txt`;
  await writeFile(join(vendor, licence), text);
  const main = about.module ?? about.main;
  return {
    name,
    version: about.version,
    licence: about.license,
    licenceFile: licence,
    sha256: sha256(await readFile(join(folder, main))),
  };
}

await rm(vendor, { recursive: true, force: true });
await mkdir(join(vendor, "licences"), { recursive: true });
const built = await Promise.all(Object.entries(ENTRIES).map(bundle));
const names = [...new Set(built.flatMap((one) => one.names))].sort();
const libraries = await Promise.all(names.map(describe));
const manifest = { bundles: built.map((one) => one.bundle), libraries };
await writeFile(join(vendor, "VENDOR.json"), JSON.stringify(manifest, null, 2) + "\n");
