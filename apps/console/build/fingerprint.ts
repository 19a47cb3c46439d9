import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the console. */
export const folder = fileURLToPath(new URL("..", import.meta.url));
/** The built console, which the gateway serves. */
export const dist = join(folder, "dist");

const root = join(folder, "../..");
const sources = [
  ...["src", "build", "public", "index.html", "package.json", "pnpm-lock.yaml", "vite.config.ts", "codegen.json", "lingui.config.ts"].map(
    (name) => join(folder, name),
  ),
  ...["schema.graphql", "packages/client/src", "packages/react/src"].map((name) => join(root, name)),
];
/** Written by a build. */
const isGenerated = (path: string): boolean => /[\\/]src[\\/]gql[\\/]|theme\.generated\.css$/.test(path);

/** Hash of everything that the console is built from. */
export function fingerprint(): string {
  const hash = createHash("sha256");
  for (const path of sources.flatMap(filesOf)) if (!isGenerated(path)) hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
  return hash.digest("base64url");
}

/** The fingerprint of the last build; undefined when there is none. */
export function builtFingerprint(): string | undefined {
  const path = join(dist, "build.json");
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
