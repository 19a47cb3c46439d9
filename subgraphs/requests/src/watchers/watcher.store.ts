import { requests as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, sql } from "drizzle-orm";

const { watchers } = tables;

/** Returns who watches requests that were already checked to be visible, in the order in which they began. Users of a vendor see only themselves. */
export const findWatchers = (tx: Tx, requestIds: readonly string[]): Promise<{ requestId: string; userId: string }[]> =>
  named(
    "findWatchers",
    tx
      .select({ requestId: watchers.requestId, userId: watchers.userId })
      .from(watchers)
      .where(and(among(watchers.requestId, requestIds), isNull(watchers.endedAt)))
      .orderBy(watchers.createdAt, watchers.userId),
  );

interface Watcher {
  readonly tenantId: string;
  readonly requestId: string;
  readonly userId: string;
}

/** Begins or resumes watching. Returns false if the user already watches the request. */
export async function startWatching(tx: Tx, watcher: Watcher, addedBy: string): Promise<boolean> {
  const now = sql`app.weft_now()`;
  const query = tx
    .insert(watchers)
    .values({ ...watcher, addedBy, createdAt: now })
    .onConflictDoUpdate({
      target: [watchers.tenantId, watchers.requestId, watchers.userId],
      set: { addedBy, createdAt: now, endedAt: null },
      setWhere: sql`${watchers.endedAt} is not null`,
    })
    .returning({ userId: watchers.userId });
  return (await named("startWatching", query)).length > 0;
}

/** Begins watching for several users. Returns those who neither watch the request nor have stopped. */
export async function addWatchers(tx: Tx, requestId: string, userIds: readonly string[], addedBy: string): Promise<string[]> {
  const now = sql`app.weft_now()`;
  const rows = userIds.map((userId) => ({ tenantId: sql`app.tenant()`, requestId, userId, addedBy, createdAt: now }));
  const query = tx.insert(watchers).values(rows).onConflictDoNothing().returning({ userId: watchers.userId });
  return (await named("addWatchers", query)).map(({ userId }) => userId);
}

/** Returns false if the user does not watch the request. */
export async function stopWatching(tx: Tx, { requestId, userId }: Watcher): Promise<boolean> {
  const query = tx
    .update(watchers)
    .set({ endedAt: sql`app.weft_now()` })
    .where(and(eq(watchers.requestId, requestId), eq(watchers.userId, userId), isNull(watchers.endedAt)))
    .returning({ userId: watchers.userId });
  return (await named("stopWatching", query)).length > 0;
}
