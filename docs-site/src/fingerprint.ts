import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesOf, fingerprintIn } from "../../scripts/background/built-folder.ts";
import { isImage, publishedPackages, root, type Source } from "./sources.ts";

export const site = join(root, "docs-site");
/** The built site. */
export const dist = join(site, "dist");

const settings = ["package.json", "pnpm-lock.yaml", "src", ".vitepress/config.ts", ".vitepress/theme"];

const builtFromPackages = /^docs\/reference\/packages\/(?!index\.md$)/;

/** Hash of everything that the site is made from. The pages of the packages count by what they are made from, so that they need not be there yet. */
export function fingerprintOf(sources: readonly Source[]): string {
  const hash = createHash("sha256").update(packagesFingerprint());
  for (const { path, staged, text } of sources) {
    if (builtFromPackages.test(path)) continue;
    hash.update(`${staged}\0${text}\0`);
    if (isImage(path)) hash.update(readFileSync(join(root, path)));
  }
  for (const path of settings.flatMap((name) => filesOf(join(site, name)))) hash.update(readFileSync(path));
  return hash.digest("base64url");
}

/** Hash of everything that the pages of the packages are made from. */
export function packagesFingerprint(): string {
  const hash = createHash("sha256");
  const paths = publishedPackages.flatMap((name) => ["src", "package.json"].map((inner) => join(root, "packages", name, inner)));
  const own = ["src/packages.ts", "src/sources.ts", "tsconfig.packages.json", "pnpm-lock.yaml", "../tsconfig.base.json"].map((name) =>
    join(site, name),
  );
  for (const path of [...paths.flatMap(filesOf), ...own]) hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
  return hash.digest("base64url");
}

/** The fingerprint of the last build; undefined when there is none. */
export const builtFingerprint = (): string | undefined => fingerprintIn(join(dist, "site.json"));
