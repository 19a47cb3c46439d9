import type { Sql } from "@weft/pg-driver";
import { type Definition, readDefinitions } from "./definitions.js";
import type { RepeatableFile, RepeatableSet } from "./files.js";

/** Applied files, newest last. Rows are only added by `applyRepeatables` and removed, newest first, by `undoRepeatables`. */
const createTable = `create table if not exists app_migrations.repeatable (
  id bigint generated always as identity constraint repeatable_pkey primary key,
  -- The file without its extension: functions/engine/apply.
  name text not null,
  -- SHA-256 and text of the file; null where it was deleted.
  hash text,
  text text,
  -- SQL that brings back what this row replaced.
  undo text not null,
  -- How many numbered migrations had run. Going down past that number undoes the row.
  level integer not null,
  -- Of the whole set of files of which this was a part.
  set_hash text not null,
  applied_at timestamptz not null default clock_timestamp()
)`;

export interface ApplyOptions {
  readonly set: RepeatableSet;
  /** Number of applied numbered migrations. */
  readonly level: number;
  readonly log: (message: string) => void;
}

/**
 * Applies the files that differ from those in the database, in their order, and drops objects whose file was deleted, all in one transaction. Each
 * change is recorded together with the SQL that undoes it.
 * @throws Error with the name of the file, if PostgreSQL rejects it or it does not create the object that its name specifies
 */
export async function applyRepeatables(sql: Sql, { set, level, log }: ApplyOptions): Promise<void> {
  await sql.unsafe(createTable);
  await unsetSearchPath(sql);
  const recorded = await sql<{ name: string; hash: string | null }[]>`
    select distinct on (name) name, hash from app_migrations.repeatable order by name, id desc`;
  const hashes = new Map(recorded.map((row) => [row.name, row.hash]));
  const changed = set.files.filter((file) => hashes.get(file.name) !== file.hash);
  const names = new Set(set.files.map((file) => file.name));
  const deleted = recorded.filter((row) => row.hash !== null && !names.has(row.name)).map((row) => row.name);

  const before = await readDefinitions(sql);
  for (const file of changed) await applyFile(sql, file, before);
  for (const name of deleted.toSorted(policiesFirst)) await run(sql, name, (before.get(name) ?? []).map(({ drop }) => drop).join("\n"));
  const after = await readDefinitions(sql);

  for (const file of changed) assertOne(file, after.get(file.name) ?? []);
  const rows = [...changed, ...deleted.map((name) => ({ name, hash: null, text: null }))].map(({ name, hash, text }) => ({
    name,
    hash,
    text,
    undo: undoing(before.get(name) ?? [], after.get(name) ?? []),
    level,
    set_hash: set.hash,
  }));
  if (rows.length > 0) await sql`insert into app_migrations.repeatable ${sql(rows)}`;
  for (const file of changed) log(`Applied ${file.name}.sql`);
  for (const name of deleted) log(`Dropped ${name}: its file was deleted`);
}

/**
 * Undoes, newest first, the changes that were applied after more than `level` numbered migrations. The numbered `down` migrations then find the
 * functions, triggers and policies that their `up` left.
 */
export async function undoRepeatables(sql: Sql, level: number, log: (message: string) => void): Promise<void> {
  // A restored text can reference columns by names that exist again only after the numbered `down`.
  await sql`select set_config('check_function_bodies', 'off', true)`;
  await unsetSearchPath(sql);
  const rows = await sql<{ id: string; name: string; undo: string }[]>`
    delete from app_migrations.repeatable where level > ${level} returning id, name, undo`;
  for (const { name, undo } of rows.toSorted((a, b) => Number(b.id) - Number(a.id))) {
    await run(sql, name, undo);
    if (undo !== "") log(`Restored what there was before ${name}.sql`);
  }
}

/** Makes PostgreSQL print all names with their schema, regardless of the caller. Files qualify the names that they use. */
async function unsetSearchPath(sql: Sql): Promise<void> {
  await sql`select set_config('search_path', '', true)`;
}

async function applyFile(sql: Sql, file: RepeatableFile, before: ReadonlyMap<string, readonly Definition[]>): Promise<void> {
  const drops = file.replaces.map((signature) => `drop routine if exists ${signature};`);
  // PostgreSQL has no `create or replace policy`.
  if (file.kind === "policies") drops.push(...(before.get(file.name) ?? []).map(({ drop }) => drop));
  await run(sql, file.name, `${drops.join("\n")}\n${file.text}`);
  if (file.kind === "policies") await recordPolicy(sql, file.name);
}

/**
 * Does the same as `app.record_policies`, for one policy. At startup, its expression is compared with this comment. Recording all policies of the
 * table would accept an unauthorized change to another one.
 */
async function recordPolicy(sql: Sql, file: string): Promise<void> {
  const [, schema = "", table = "", name = ""] = /^policies\/(\w+)\/(\w+)\.(\w+)$/.exec(file) ?? [];
  const [written] = await sql<{ comment: string }[]>`
    select format('comment on policy %I on %I.%I is %L', ${name}::text, ${schema}::text, ${table}::text, format('using %s with check %s',
             pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))) as comment
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${table} and p.polname = ${name}`;
  if (written !== undefined) await sql.unsafe(written.comment);
}

/** Two functions mean that the signature changed and the old function remained, so callers would still use the old text. */
function assertOne(file: RepeatableFile, found: readonly Definition[]): void {
  if (found.length === (file.isDrop ? 0 : 1)) return;
  if (file.isDrop) throw new Error(`drizzle/${file.name}.sql does not drop what its name says.`);
  const what = found.length === 0 ? "does not create what its name says" : `leaves ${found.length} functions of its name`;
  throw new Error(
    `drizzle/${file.name}.sql ${what}. A file creates one object, named as the file; if its signature changes, the file needs a header "-- replaces: schema.name(argument types)" with the old signature.`,
  );
}

/** Returns SQL that restores `before` from `after`. Empty if they are equal. */
function undoing(before: readonly Definition[], after: readonly Definition[]): string {
  const wanted = new Map(before.map((definition) => [definition.shape, definition.create]));
  const present = new Map(after.map((definition) => [definition.shape, definition.create]));
  return [
    ...after.filter(({ shape }) => !wanted.has(shape)).map(({ drop }) => drop),
    ...before.filter(({ shape, create }) => present.get(shape) !== create).map(({ create }) => create),
  ].join("\n");
}

async function run(sql: Sql, name: string, text: string): Promise<void> {
  if (text.trim() === "") return;
  try {
    await sql.unsafe(text);
  } catch (error) {
    const hint =
      error instanceof Error && "code" in error && error.code === "42P13"
        ? ` Add a header "-- replaces: schema.name(argument types)" with the old signature, so that it is dropped first.`
        : "";
    throw new Error(`drizzle/${name}.sql: ${error instanceof Error ? error.message : String(error)}.${hint}`, { cause: error });
  }
}

/** Reverse order of application, because triggers and policies call functions. */
function policiesFirst(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? 1 : -1);
}

function rank(name: string): number {
  return ["policies", "triggers", "functions"].indexOf(name.slice(0, name.indexOf("/")));
}
