// Part of `pnpm check`: rejects retired terms in identifiers, the schema, tables and columns, types of events, and file names. `scripts/terms/retired.ts` lists them.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { columnNamesOf, eventTypesOf, identifiersOf, schemaNamesOf, sqlNamesOf } from "./terms/names.ts";
import { retiredTermsIn } from "./terms/words.ts";

/** Numbered migrations keep the names that were used when they were written. The list of terms contains the terms themselves. */
const skipped = /^(?:drizzle\/migrations\/|scripts\/(?:terms|prose)\/)/;

function namesOf(path: string): Iterable<string> {
  const text = () => readFileSync(path, "utf8");
  if (/\.tsx?$/.test(path))
    return [
      ...identifiersOf(path, text()),
      ...(path.startsWith("drizzle/src/tables/") ? columnNamesOf(text()) : []),
      ...(path.startsWith("packages/shared/src/aggregates/") ? eventTypesOf(text()) : []),
    ];
  if (path.endsWith(".sql")) return sqlNamesOf(text());
  return path === "schema.graphql" ? schemaNamesOf(text()) : [];
}

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && !skipped.test(path) && existsSync(path));
let count = 0;
for (const path of files)
  for (const name of [path, ...namesOf(path)])
    for (const { term, use } of retiredTermsIn(name, path)) {
      count += 1;
      console.error(`${path}: ${name === path ? "the file name" : `"${name}"`} uses the retired term "${term}". Use "${use}".`);
    }
console.log(count === 0 ? `No name in ${files.length} files uses a retired term.` : `${count} names use retired terms.`);
process.exitCode = count === 0 ? 0 : 1;
