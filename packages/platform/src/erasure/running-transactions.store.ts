import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { Step } from "./erase-rows.store.js";

/** Time for which an erasure looks again at once. Nearly all transactions end within it. */
const SHORT_SECONDS = 2;
const SHORT_WAIT_SECONDS = 0.05;
const LONG_WAIT_SECONDS = 10;

/**
 * Waits until all transactions of the application that run when it is first called have ended. One of them can have read the person's name before it was
 * replaced, and can commit a copy of it at any time; those that begin later cannot read it.
 *
 * A snapshot does not tell: a transaction gets its ID with its first change, which can come after it has read the name. So they are found by the lock that
 * every transaction has on its virtual ID. Those of other databases and roles are none of the application's. A backup can take hours, and copies nothing.
 * @param after the time of the first call, and the transactions that were left then, as returned by the call before
 */
export async function waitForTransactions(tx: Tx, after: string | null): Promise<Step> {
  const [since = null, ...earlier] = after?.split(" ") ?? [];
  const [found] = await tx.execute<{ since: string; seconds: number; ids: string[] }>(
    named(
      "findRunningTransactions",
      sql`select to_char(s.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since, extract(epoch from now() - s.since)::float8 as seconds,
            array(select l.virtualxid from pg_locks l
              join pg_stat_activity a on a.pid = l.pid and a.datname = current_database()
              join pg_roles r on r.oid = a.usesysid and not r.rolsuper and pg_has_role(r.oid, current_user, 'member')
             where l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.pid <> pg_backend_pid()
               and (${since}::text is null or l.virtualxid = any(${sql.param(earlier)}::text[]))) as ids
          from (select coalesce(${since}::timestamptz, now()) as since) s`,
    ),
  );
  if (found === undefined || found.ids.length === 0) return { changed: 0, isDone: true, after: null };
  const waitSeconds = found.seconds < SHORT_SECONDS ? SHORT_WAIT_SECONDS : LONG_WAIT_SECONDS;
  return { changed: 0, isDone: false, after: [found.since, ...found.ids].join(" "), waitSeconds };
}
