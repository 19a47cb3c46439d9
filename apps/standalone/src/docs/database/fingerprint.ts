import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";

const root = new URL("../../../../../", import.meta.url);

/** Everything that the pages are made from: the SQL, what is created in code, the descriptions, and the generator. */
const sources = [
  "drizzle/{functions,migrations,policies,triggers}/**/*.sql",
  "drizzle/src/{all-tables,facts,global-tables,grants,policies,roles}.ts",
  "drizzle/src/tables/*.ts",
  "apps/standalone/src/docs/database/*.ts",
];

/** Hash of everything that the pages are made from. It shows that pages are stale without starting a database. */
export function databaseFingerprint(): string {
  const hash = createHash("sha256");
  const paths = globSync(sources, { cwd: root, exclude: (path) => path.endsWith(".test.ts") }).map((path) => path.replaceAll("\\", "/"));
  for (const path of paths.toSorted()) hash.update(`${path}\0${readFileSync(new URL(path, root), "utf8").replaceAll("\r\n", "\n")}\0`);
  return hash.digest("hex").slice(0, 16);
}
