import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

interface OldRows {
  /** What is deleted, for the name of the statement: `Mails`. */
  readonly name: string;
  /** Schema and name, such as `app.mails`. Its rows are `q` in `where`. */
  readonly table: `${string}.${string}`;
  /** Rows that can be deleted. Default: all. */
  readonly where?: SQL;
  /** Column of the time from which they are kept. The table needs an index of the tenant and this column. Default: `created_at`. */
  readonly since?: string;
  /** The time now, by the clock that `since` follows. Default: true time. */
  readonly now?: SQL;
  /** For how long they are kept. */
  readonly days: number;
  readonly limit: number;
}

/**
 * Deletes the oldest rows of the transaction's tenant that are older than this number of days: about `limit` of them, more if several have the same time.
 * Returns their number. Runs as weft_worker.
 */
export async function deleteOld(
  tx: Tx,
  { name, table, where = sql`true`, since = "created_at", now = sql`now()`, days, limit }: OldRows,
): Promise<number> {
  const [from, time] = [sql.raw(table), sql.raw(since)];
  const [row] = await tx.execute<{ deleted: number }>(
    named(
      `deleteOld${name}`,
      sql`with gone as (
        delete from ${from} q where q.tenant_id = app.tenant() and ${where} and q.${time} <= (
          select max(oldest.at) from (
            select q.${time} as at from ${from} q where q.tenant_id = app.tenant() and ${where} and q.${time} < ${now} - make_interval(days => ${days}::int)
            order by q.${time} limit ${limit}::int) oldest)
        returning q.tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return row?.deleted ?? 0;
}
