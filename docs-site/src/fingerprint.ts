import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, type Source } from "./sources.ts";

export const site = join(root, "docs-site");
/** The built site. */
export const dist = join(site, "dist");

const settings = ["package.json", "pnpm-lock.yaml", "src", ".vitepress/config.ts", ".vitepress/theme"];

/** Hash of everything that the site is made from. */
export function fingerprintOf(sources: readonly Source[]): string {
  const hash = createHash("sha256");
  for (const { staged, text } of sources) hash.update(`${staged}\0${text}\0`);
  for (const path of settings.flatMap((name) => filesOf(join(site, name)))) hash.update(readFileSync(path));
  return hash.digest("base64url");
}

/** The fingerprint of the last build; undefined when there is none. */
export function builtFingerprint(): string | undefined {
  const path = join(dist, "site.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { fingerprint: string }).fingerprint : undefined;
}

/** The file itself, or all files below a folder, in order. */
export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
