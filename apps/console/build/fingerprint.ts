import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { filesOf, fingerprintIn } from "../../../scripts/background/built-folder.ts";

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
export const builtFingerprint = (): string | undefined => fingerprintIn(join(dist, "build.json"));
