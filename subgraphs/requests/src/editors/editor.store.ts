import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects, worksOn } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, desc, eq, gt, lte, ne, not, or, type SQL, sql } from "drizzle-orm";
import type { RequestActivity } from "./editor.type.js";
import { isItsInstance } from "../requests/request.instance.js";

const { requestEditors: editors, requests } = tables;
const { instanceHeads } = workflows;

/** Seconds for which an announcement counts. Clients repeat it every 10 seconds. */
const LASTS = 20;
/** Requests that a session can edit at the same time, so that nobody fills the table. */
const MAX_OF_SESSION = 20;
const MAX_SHOWN = 20;

/** The request, if the viewer can see it. */
const seen = (tx: Tx, viewer: Viewer, id: string) =>
  tx
    .select({ id: requests.id })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(eq(requests.id, id), visibleObjects("request", viewer, "request.read")));

export interface Announced {
  readonly activity: RequestActivity;
  readonly isInternal: boolean;
}

export interface Announcement {
  /** Whether the viewer can see the request. */
  readonly isSeen: boolean;
  /** Whether others see something else than before. */
  readonly isChange: boolean;
  /** Null if it was not recorded, because the session already edits too many requests. */
  readonly endsAt: string | null;
}

/** Records what the viewer's session is doing with a request, for a while. One statement, because it is repeated often. */
export async function recordActivity(tx: Tx, viewer: Viewer, id: string, { activity, isInternal }: Announced): Promise<Announcement> {
  const isOfSession = sql`tenant_id = app.tenant() and session_id = ${viewer.sessionId}`;
  const isSame = (row: SQL) => sql`(${row}.expires_at > now() and ${row}.activity = ${activity} and ${row}.is_internal = ${isInternal})`;
  const [row] = await tx.execute<{ is_seen: boolean; was_same: boolean; ends_at: string | null }>(
    named(
      "recordRequestActivity",
      sql`with seen as ${seen(tx, viewer, id)},
      before as (select ${isSame(sql`b`)} as is_same from ${editors} b where ${isOfSession} and request_id = ${id}),
      written as (
        insert into ${editors} as e (tenant_id, request_id, session_id, user_id, activity, is_internal, began_at, expires_at)
        select app.tenant(), id, ${viewer.sessionId}::uuid, ${viewer.userId}::uuid, ${activity}, ${isInternal}::boolean,
               now(), now() + make_interval(secs => ${LASTS}::int) from seen
         where exists (select from before) or (select count(*) from ${editors} where ${isOfSession}) < ${MAX_OF_SESSION}::int
        on conflict (tenant_id, request_id, session_id) do update set
          began_at = case when ${isSame(sql`e`)} then e.began_at else excluded.began_at end,
          activity = excluded.activity, is_internal = excluded.is_internal, expires_at = excluded.expires_at
        returning expires_at)
      select exists (select from seen) as is_seen, coalesce((select is_same from before), false) as was_same,
             (select expires_at from written) as ends_at`,
    ),
  );
  const endsAt = row?.ends_at ?? null;
  return { isSeen: row?.is_seen ?? false, isChange: endsAt !== null && row?.was_same === false, endsAt };
}

/** Records that the viewer's session does nothing with a request any more. A worker deletes the row: users of vendors delete nothing. */
export async function recordStop(tx: Tx, viewer: Viewer, id: string): Promise<Omit<Announcement, "endsAt">> {
  const [row] = await tx.execute<{ is_seen: boolean; is_change: boolean }>(
    named(
      "recordRequestActivityStop",
      sql`with seen as ${seen(tx, viewer, id)},
      ended as (
        update ${editors} e set expires_at = '-infinity' from seen
         where e.tenant_id = app.tenant() and e.request_id = seen.id and e.session_id = ${viewer.sessionId} and e.expires_at > now()
        returning 1)
      select exists (select from seen) as is_seen, exists (select from ended) as is_change`,
    ),
  );
  return { isSeen: row?.is_seen ?? false, isChange: row?.is_change ?? false };
}

/** Returns who else is editing a request that the viewer can see, one row for each session, in the order in which they began. */
export function listEditors(tx: Tx, viewer: Viewer, requestId: string) {
  const { userId, activity, beganAt } = editors;
  const query = tx
    .selectDistinctOn([userId], { userId, activity, beganAt })
    .from(editors)
    .innerJoin(requests, and(eq(requests.tenantId, editors.tenantId), eq(requests.id, editors.requestId)))
    .innerJoin(instanceHeads, isItsInstance)
    .where(
      and(
        eq(editors.requestId, requestId),
        gt(editors.expiresAt, sql`now()`),
        ne(userId, viewer.userId),
        or(not(editors.isInternal), worksOn(viewer, "request.read", instanceHeads)),
      ),
    )
    .orderBy(asc(userId), asc(activity), asc(beganAt))
    .as("shown");
  const first = tx.select().from(query).orderBy(asc(query.beganAt), desc(query.userId)).limit(MAX_SHOWN);
  return named("listRequestEditors", first);
}

/** Deletes rows of the tenant that no longer count, at most `limit`. Returns them. */
export function deleteEnded(tx: Tx, limit: number): Promise<{ requestId: string; hasStopped: boolean }[]> {
  return deleteSome(tx, lte(editors.expiresAt, sql`now()`), limit);
}

/** Deletes the rows of a session that has ended. */
export const deleteOfSession = (tx: Tx, sessionId: string): Promise<{ requestId: string; hasStopped: boolean }[]> =>
  deleteSome(tx, eq(editors.sessionId, sessionId), MAX_OF_SESSION);

function deleteSome(tx: Tx, condition: SQL, limit: number): Promise<{ requestId: string; hasStopped: boolean }[]> {
  const some = tx
    .select({ ctid: sql`ctid` })
    .from(editors)
    .where(and(eq(editors.tenantId, sql`app.tenant()`), condition))
    .limit(limit)
    .for("update", { skipLocked: true });
  const query = tx
    .delete(editors)
    .where(sql`ctid = any(array${some})`)
    .returning({ requestId: editors.requestId, hasStopped: sql<boolean>`${editors.expiresAt} = '-infinity'` });
  return named("deleteRequestEditors", query);
}
