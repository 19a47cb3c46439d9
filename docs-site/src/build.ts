// Builds docs/ into docs-site/dist, which the gateway serves at /docs/. Does nothing when the last build was of the same pages.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vitepress";
import { filesOf } from "../../scripts/background/built-folder.ts";
import { builtFingerprint, dist, fingerprintOf, site } from "./fingerprint.ts";
import { writePackagePages } from "./packages.ts";
import { collectSources, isImage, root } from "./sources.ts";

const next = join(site, "dist.next");
const pages = join(site, "pages");

const fingerprint = fingerprintOf(collectSources());
if (builtFingerprint() === fingerprint) console.log("The documentation site is up to date.");
else {
  await writePackagePages();
  rmSync(pages, { recursive: true, force: true });
  for (const { path, staged, text } of collectSources()) {
    mkdirSync(dirname(join(pages, staged)), { recursive: true });
    if (isImage(path)) copyFileSync(join(root, path), join(pages, staged));
    else writeFileSync(join(pages, staged), text);
  }
  rmSync(next, { recursive: true, force: true });
  await build(site, { outDir: next });
  const files = filesOf(next).map((path) => path.slice(next.length + 1).replaceAll("\\", "/"));
  writeFileSync(join(next, "site.json"), JSON.stringify({ fingerprint, files, scripts: inlineScripts(files) }));
  // The old site is served until the new one is complete.
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}

/** Hashes for the content security policy: of every script in a page. Empty ones and those of a file need none. */
function inlineScripts(files: readonly string[]): string[] {
  const scripts = files
    .filter((file) => file.endsWith(".html"))
    .flatMap((file) => [...readFileSync(join(next, file), "utf8").matchAll(/<script(?![^>]*\ssrc=)[^>]*>([^]*?)<\/script>/g)]);
  const texts = new Set(scripts.map(([, text = ""]) => text));
  return [...texts].map((text) => createHash("sha256").update(text).digest("base64"));
}
