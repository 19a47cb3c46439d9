import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Built by its own tools, which also write into its sources. */
const apart = join("apps", "console");

const packagesOf = (root: string): string[] =>
  [
    ...["gateway", "drizzle"].map((name) => join(root, name)),
    ...["apps", "packages", "subgraphs"].flatMap((folder) =>
      existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(root, folder, name)) : [],
    ),
  ].filter((folder) => relative(root, folder) !== apart);

/**
 * Identifies the sources from which the programs are bundled. Comparing names, sizes and times of several thousand files takes a tenth of the time that
 * reading them would take. A changed compiler setting, bundler or lock file counts as a change.
 */
export function fingerprint(root: string): string {
  const files = ["tsconfig.base.json", "pnpm-lock.yaml"].map((name) => join(root, name));
  const bundler = join(root, "scripts/bundle");
  if (existsSync(bundler)) files.push(...readdirSync(bundler).map((name) => join(bundler, name)));
  for (const folder of packagesOf(root)) {
    files.push(join(folder, "tsconfig.json"), join(folder, "package.json"));
    // The second is the source of the database driver, which is not ours alone.
    for (const sources of [join(folder, "src"), join(folder, "postgres/src")].filter((path) => existsSync(path)))
      for (const entry of readdirSync(sources, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && !entry.name.endsWith(".test.ts")) files.push(join(entry.parentPath, entry.name));
  }
  return createHash("sha256").update(files.toSorted().map(lookAt).join("\n")).digest("hex");
}

function lookAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${path} ${found?.size ?? "-"} ${found?.mtimeMs ?? "-"}`;
}
