import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { databaseFingerprint } from "./docs/database/fingerprint.js";
import { freshCatalog } from "./docs/database/fresh-catalog.js";
import { databasePages, databasePaths, fingerprintPath } from "./docs/database/pages.js";
import { generatedPages, isBuilt } from "./docs/pages.js";

/**
 * `pnpm run docs`: writes the generated pages. With `--check`, it writes only those that are not committed, and fails if a committed page is stale.
 * With `--built`, it writes the former and ignores the latter.
 */
const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, built: { type: "boolean", default: false } } });

const root = new URL("../../../", import.meta.url);
const fileOf = (path: string): URL => new URL(path, root);
const read = (path: string): string | undefined => (existsSync(fileOf(path)) ? readFileSync(fileOf(path), "utf8") : undefined);

function write(path: string, text: string): void {
  mkdirSync(new URL(".", fileOf(path)), { recursive: true });
  writeFileSync(fileOf(path), text);
}

const pages = generatedPages();
for (const [path, text] of Object.entries(pages)) {
  if (isBuilt(path)) write(path, text);
  else if (values.check && read(path) !== text) {
    console.error(`${path} is out of date. Run \`pnpm run docs\` and commit the result.`);
    process.exitCode = 1;
  } else if (!values.check && !values.built) write(path, text);
}

// These pages need a database, so they are only made when the fingerprint of their sources has changed.
const fingerprint = databaseFingerprint();
if (read(fingerprintPath) !== fingerprint || !databasePaths.every((path) => existsSync(fileOf(path)))) {
  for (const [path, text] of Object.entries(databasePages(await freshCatalog()))) write(path, text);
  write(fingerprintPath, fingerprint);
}

// What an earlier version has built would still be in the site. The pages of the packages are built by docs-site.
const made = new Set([...Object.keys(pages), ...databasePaths]);
const built = globSync("docs/reference/*/*", { cwd: root, exclude: ["docs/reference/packages"] }).map((path) => path.replaceAll("\\", "/"));
for (const path of built) if (isBuilt(path) && !made.has(path)) rmSync(fileOf(path), { recursive: true });
