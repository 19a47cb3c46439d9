import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { databaseFingerprint } from "./docs/database/fingerprint.js";
import { freshCatalog } from "./docs/database/fresh-catalog.js";
import { databasePages, fingerprintIn, indexPath } from "./docs/database/pages.js";
import { generatedPages } from "./docs/pages.js";

/** `pnpm run docs`: writes the generated pages. With `--check`, it writes nothing and fails if a page is stale. */
const isCheck = process.argv.includes("--check");

const fileOf = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
const read = (path: string): string | undefined => (existsSync(fileOf(path)) ? readFileSync(fileOf(path), "utf8") : undefined);

function write(path: string, text: string): void {
  mkdirSync(new URL(".", fileOf(path)), { recursive: true });
  writeFileSync(fileOf(path), text);
}

function reportStale(path: string): void {
  console.error(`${path} is out of date. Run \`pnpm run docs\` and commit the result.`);
  process.exitCode = 1;
}

for (const [path, generate] of Object.entries(generatedPages)) {
  if (!isCheck) write(path, generate());
  else if (read(path) !== generate()) reportStale(path);
}

// These pages need a database, so they are only written when the fingerprint of their sources has changed.
const fingerprint = databaseFingerprint();
if (fingerprintIn(read(indexPath) ?? "") !== fingerprint) {
  if (isCheck) reportStale(indexPath);
  else for (const [path, text] of Object.entries(databasePages(await freshCatalog(), fingerprint))) write(path, text);
}
