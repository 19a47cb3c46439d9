import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { TablePlan } from "./erasure-plan.js";

/** Where a step continues, and how many rows it reads. */
export interface Batch {
  readonly after: string | null;
  readonly limit: number;
}

/** What a transaction of a step has done. */
export interface Step {
  readonly changed: number;
  /** Whether nothing is left to do. */
  readonly isDone: boolean;
  /** Where the next one continues. Null: at the start. */
  readonly after: string | null;
  /** Time before which the next one must not begin. Less than a second is not worth giving up the turn. */
  readonly waitSeconds?: number;
}

/** Rows of the person, in the transaction's tenant, without those that stay as they are. */
const ofPerson = ({ person, keeps }: TablePlan, personId: string): SQL =>
  sql`tenant_id = app.tenant() and ${sql.raw(person)} = ${personId}::uuid${keeps === null ? sql`` : sql.raw(` and not (${keeps})`)}`;

/** Rows that still have values that are replaced. */
function remaining(plan: TablePlan, personId: string): SQL {
  if (plan.action === "DELETE") return ofPerson(plan, personId);
  const changes = Object.entries(plan.values).map(([column, value]) => sql.raw(`${column} is distinct from ${value}`));
  return sql`${ofPerson(plan, personId)} and (${sql.join(changes, sql` or `)})`;
}

async function countOf(query: SQL, tx: Tx, name: string): Promise<number> {
  const rows = await tx.execute<{ count: number }>(named(name, query));
  return rows[0]?.count ?? 0;
}

/** Returns the number of rows that an erasure would change or delete. */
export const countPersonalRows = (tx: Tx, plan: TablePlan, personId: string): Promise<number> =>
  countOf(sql`select count(*)::int as count from ${sql.raw(plan.table)} where ${remaining(plan, personId)}`, tx, "countPersonalRows");

/** Replaces the values of at most `limit` rows. Returns their number. Runs as the purge role. */
export const replaceSomeOf = (tx: Tx, plan: TablePlan, personId: string, limit: number): Promise<number> => {
  const table = sql.raw(plan.table);
  const values = sql.raw(
    Object.entries(plan.values)
      .map(([column, value]) => `${column} = ${value}`)
      .join(", "),
  );
  return countOf(
    sql`with changed as (
        update ${table} set ${values} where tenant_id = app.tenant() and ctid = any(array(
          select ctid from ${table} where ${remaining(plan, personId)} limit ${limit}::int))
        returning 1
      )
      select count(*)::int as count from changed`,
    tx,
    "replaceSomePersonalValues",
  );
};

/** Deletes at most `limit` rows. Returns their number. */
export const deleteSomeOf = (tx: Tx, plan: TablePlan, personId: string, limit: number): Promise<number> => {
  const table = sql.raw(plan.table);
  return countOf(
    sql`with gone as (
        delete from ${table} where tenant_id = app.tenant() and ctid = any(array(select ctid from ${table} where ${ofPerson(plan, personId)} limit ${limit}::int))
        returning 1
      )
      select count(*)::int as count from gone`,
    tx,
    "deletePersonalRows",
  );
};

/** The workflow of a comment. One that a conversion has replaced no longer belongs to the request, which is still found by its comments. */
const ofWorkflow = {
  request: "coalesce(i.subject_id, f.request_id)",
  joins: `join workflows.instances i on i.tenant_id = c.tenant_id and i.id = c.instance_id
             left join requests.former_instances f on f.tenant_id = c.tenant_id and f.instance_id = c.instance_id`,
} as const;

/** Comments that are indexed under their own ID, with the request that is found by their words. */
const comments = {
  "requests.comments": { author: "author_id", request: "c.request_id", joins: "", only: "true" },
  "workflows.internal_comments": { ...ofWorkflow, author: "author_id", only: "true" },
  "workflows.history": { ...ofWorkflow, author: "actor_id", only: "c.comment is not null" },
} as const;

export type CommentTable = keyof typeof comments;

/**
 * Deletes the words by which searches find the next `limit` comments of the person in a table. Other texts that can be searched, such as titles of requests, are
 * the organization's.
 */
export async function deleteSomeWordsOf(tx: Tx, table: CommentTable, personId: string, { after, limit }: Batch): Promise<Step> {
  const { author, request, joins, only } = comments[table];
  const [found] = await tx.execute<{ read: number; last: string | null }>(
    named(
      "deleteWordsOfPerson",
      sql`with next as (
            select c.id, ${sql.raw(request)} as request_id from ${sql.raw(table)} c ${sql.raw(joins)}
             where c.tenant_id = app.tenant() and c.${sql.raw(author)} = ${personId}::uuid and ${sql.raw(only)} and (${after}::uuid is null or c.id > ${after}::uuid)
             order by c.id limit ${limit}::int
          ), gone as (
            delete from app.search_words w using next where w.tenant_id = app.tenant() and w.object_id = next.request_id and w.source_id = next.id
          )
          select count(*)::int as read, (array_agg(id order by id desc))[1]::text as last from next`,
    ),
  );
  return { changed: 0, isDone: (found?.read ?? 0) < limit, after: found?.last ?? after };
}

const lockKey = sql`hashtextextended('weft.erasures.' || app.tenant(), 0)`;

/** Lets the following statements of a transaction take longer, and wait longer for locks, than those of users may. Those of an erasure count many rows. */
async function allowLong(tx: Tx, time: "5min" | "15min"): Promise<void> {
  await tx.execute(
    named("allowLongStatements", sql`select set_config('statement_timeout', ${time}, true), set_config('lock_timeout', ${time}, true)`),
  );
}

/**
 * Locks the erasures of the transaction's tenant, until it ends. An erasure takes the lock in each of its transactions, together with others: see `beginStep`.
 * A legal hold takes it alone, so that it waits for them, however long their statements take, and those that follow see it.
 */
export async function lockErasures(tx: Tx): Promise<void> {
  await allowLong(tx, "15min");
  await tx.execute(named("lockErasures", sql`select pg_advisory_xact_lock(${lockKey})`));
}

/** Begins a transaction of an erasure. */
export async function beginStep(tx: Tx): Promise<void> {
  await allowLong(tx, "5min");
  await tx.execute(named("beginErasureStep", sql`select pg_advisory_xact_lock_shared(${lockKey})`));
}

/** Returns whether the database allows to erase the person. The transaction sees what is deleted. */
export async function isErasureDue(tx: Tx, personId: string): Promise<boolean> {
  const rows = await tx.execute<{ due: boolean }>(named("isErasureDue", sql`select app.erasure_is_due(${personId}::uuid) as due`));
  return rows[0]?.due === true;
}

/** Returns whether a legal hold covers the person. */
export async function isHeld(tx: Tx, personId: string): Promise<boolean> {
  const rows = await tx.execute<{ held: boolean }>(named("isHeld", sql`select app.is_held(${personId}::uuid) as held`));
  return rows[0]?.held === true;
}

/** Returns whether an erasure of the person has been approved. It may be completed. */
export async function isErased(tx: Tx, personId: string): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "isErased",
      sql`select from identity.privacy_requests
           where tenant_id = app.tenant() and person_id = ${personId}::uuid and kind <> 'EXPORT' and status in ('APPROVED', 'COMPLETED') limit 1`,
    ),
  );
  return rows.length > 0;
}
