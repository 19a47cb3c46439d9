import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { filled, type Names } from "./names.ts";
import { registrations } from "./registrations.ts";

const templates = fileURLToPath(new URL("templates", import.meta.url));
const manifests = "packages/shared/src/aggregates";
const parts = ["type", "store", "loader", "service", "resolver", "test"] as const;

/**
 * Writes the files of an aggregate and registers it. Checks everything before writing anything.
 * @returns the new files and the changed files
 */
export function writeAggregate(root: string, names: Names): { readonly written: string[]; readonly changed: string[] } {
  assertNew(root, names);
  const folder = `subgraphs/${names.schema}/src/${names.folder}`;
  const fromTemplate = (template: string): string => filled(readFileSync(join(templates, `${template}.txt`), "utf8"), names);
  const created = new Map<string, string>([
    ...parts.map((part): [string, string] => [`${folder}/${names.file}.${part}.ts`, fromTemplate(part)]),
    [`${manifests}/${names.file}.ts`, fromTemplate("manifest")],
    [`drizzle/migrations/${nextMigration(root)}_${names.table}.sql`, fromTemplate("migration")],
    [`testkit/src/isolation/cases/${names.folder}.ts`, fromTemplate("walk-cases")],
    [`testkit/src/idempotency/${names.folder}.ts`, fromTemplate("idempotency-cases")],
  ]);
  const present = [...created.keys()].find((path) => existsSync(join(root, path)));
  if (present !== undefined) throw new Error(`${present} exists already. Choose another name.`);

  const tables = `drizzle/src/tables/${names.schema}.ts`;
  const changed = new Map([[tables, readFileSync(join(root, tables), "utf8") + fromTemplate("table")]]);
  for (const { file, anchor, place, lines } of registrations(names.schema)) {
    const path = filled(file, names);
    const text = changed.get(path) ?? readFileSync(join(root, path), "utf8");
    const [key, added] = [filled(anchor, names), filled(lines, names)];
    const [before, after, ...more] = text.split(key);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${path} should have ${JSON.stringify(key)} once. Adapt scripts/aggregate/registrations.ts.`);
    changed.set(path, before + (place === "before" ? added + key : key + added) + after);
  }
  for (const [path, text] of [...created, ...changed]) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { written: [...created.keys()], changed: [...changed.keys()] };
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
