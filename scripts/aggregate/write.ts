import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { filled, type Names } from "./names.ts";
import { writeIndexes } from "../indexes.ts";

const templates = fileURLToPath(new URL("templates", import.meta.url));
const manifests = "packages/shared/src/aggregates";
const parts = ["type", "store", "service", "resolver", "test"] as const;

/** Subgraphs in which the generator can create aggregates. Each is also an area of the API. */
export const subgraphs: readonly string[] = ["requests", "vendors"];

/**
 * Writes the files of an aggregate, and adds it to the indexes. Checks everything before writing anything.
 * @returns the new files and the changed indexes
 */
export function writeAggregate(root: string, names: Names): { readonly written: string[]; readonly indexes: string[] } {
  assertNew(root, names);
  const folder = `subgraphs/${names.schema}/src/${names.folder}`;
  const fromTemplate = (template: string): string => filled(readFileSync(join(templates, `${template}.txt`), "utf8"), names);
  const created = new Map<string, string>([
    ...parts.map((part): [string, string] => [`${folder}/${names.file}.${part}.ts`, fromTemplate(part)]),
    [`${manifests}/${names.file}.ts`, fromTemplate("manifest")],
    [`drizzle/migrations/${nextMigration(root)}_${names.table}.sql`, fromTemplate("migration")],
    [`drizzle/src/tables/${names.folder}.ts`, fromTemplate("table")],
  ]);
  const present = [...created.keys()].find((path) => existsSync(join(root, path)));
  if (present !== undefined) throw new Error(`${present} exists already. Choose another name.`);

  for (const [path, text] of created) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { written: [...created.keys()], indexes: writeIndexes(root) };
}

function assertNew(root: string, { name, prefix }: Names): void {
  const types = readdirSync(join(root, manifests))
    .map((file) => readFileSync(join(root, manifests, file), "utf8"))
    .join("\n");
  if (new RegExp(`\\b${name}: \\{\\s*prefix: `).test(types)) throw new Error(`There is a type ${name} already. Choose another name.`);
  if (types.includes(`prefix: "${prefix}"`)) throw new Error(`The ID prefix ${prefix} is taken. Choose another one with --prefix.`);
}

function nextMigration(root: string): string {
  const numbers = readdirSync(join(root, "drizzle/migrations")).map((file) => Number.parseInt(file, 10));
  return String(Math.max(0, ...numbers.filter((number) => !Number.isNaN(number))) + 1).padStart(4, "0");
}
