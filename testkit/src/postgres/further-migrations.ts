import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Returns a temporary directory with the shipped numbered migrations and further ones, as a later version would have them. */
export function migrationsWith(further: Readonly<Record<string, { readonly up: string; readonly down: string }>>): string {
  const directory = mkdtempSync(join(tmpdir(), "weft-migrations-"));
  cpSync(fileURLToPath(new URL("../../../drizzle/migrations", import.meta.url)), directory, { recursive: true });
  for (const [name, { up, down }] of Object.entries(further))
    writeFileSync(join(directory, `${name}.sql`), `-- Up Migration\n${up}\n-- Down Migration\n${down}\n`);
  return directory;
}

/** A further migration that creates a table of this name in the schema `app`. */
export const creates = (table: string): { readonly up: string; readonly down: string } => ({
  up: `create table app.${table} (id integer);`,
  down: `drop table app.${table};`,
});
