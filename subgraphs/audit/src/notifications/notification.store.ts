import { audit } from "@weft/drizzle";
import { among, named, type Tx, type Viewer } from "@weft/shared";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";

const { notifications } = audit;

export type NotificationRow = typeof notifications.$inferSelect;
export type NewNotification = typeof notifications.$inferInsert;

/** Notifications are their user's alone, whatever rights others have. */
export const visible = (viewer: Viewer): SQL => eq(notifications.userId, viewer.userId);

export const selectNotifications = (tx: Tx) => tx.select().from(notifications).$dynamic();

export const findNotifications = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<NotificationRow[]> =>
  named("findNotifications", selectNotifications(tx).where(and(visible(viewer), among(notifications.id, ids))));

export const countNotifications = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(notifications, where);

export const countUnread = (tx: Tx, viewer: Viewer): Promise<number> =>
  countNotifications(tx, and(visible(viewer), isNull(notifications.readAt)));

/** Null when it was read before, or is not the viewer's. */
export async function markRead(tx: Tx, viewer: Viewer, id: string): Promise<NotificationRow | null> {
  const [row] = await named(
    "markRead",
    tx
      .update(notifications)
      .set({ readAt: sql`now()` })
      .where(and(visible(viewer), eq(notifications.id, id), isNull(notifications.readAt)))
      .returning(),
  );
  return row ?? null;
}

/** Inserts those that do not exist yet, one per user, event and kind, and gives the inserted ones. */
export async function insertNotifications(
  tx: Tx,
  rows: readonly NewNotification[],
): Promise<{ id: string; userId: string; kind: string }[]> {
  if (rows.length === 0) return [];
  return named(
    "insertNotifications",
    tx
      .insert(notifications)
      .values([...rows])
      .onConflictDoNothing({ target: [notifications.tenantId, notifications.userId, notifications.eventId, notifications.kind] })
      .returning({ id: notifications.id, userId: notifications.userId, kind: notifications.kind }),
  );
}
