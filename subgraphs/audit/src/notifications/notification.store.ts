import { audit } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, count, eq, isNull, type SQL, sql } from "drizzle-orm";

const { notifications } = audit;

export type NotificationRow = typeof notifications.$inferSelect;
/** Values that are the same for all notified users. */
export type NewNotification = Omit<typeof notifications.$inferInsert, "id" | "userId">;

/** Only the user can see their notifications, regardless of the rights of others. */
export const visible = (viewer: Viewer): SQL => eq(notifications.userId, viewer.userId);

export const selectNotifications = (tx: Tx) => tx.select().from(notifications).$dynamic();

export const findNotifications = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<NotificationRow[]> =>
  named("findNotifications", selectNotifications(tx).where(and(visible(viewer), among(notifications.id, ids))));

export const countNotifications = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(notifications, where);

/** A count beyond this is not shown on a badge, and would take long. */
const MAX_UNREAD = 1_000;

/** Counts the viewer's unread notifications, up to 1,000. */
export async function countUnread(tx: Tx, viewer: Viewer): Promise<number> {
  const unread = tx
    .select({ id: notifications.id })
    .from(notifications)
    .where(and(visible(viewer), isNull(notifications.readAt)))
    .limit(MAX_UNREAD)
    .as("unread");
  const [row] = await named("countUnread", tx.select({ count: count() }).from(unread));
  return row?.count ?? 0;
}

/** Returns null if it was already read, or is not the viewer's. */
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

/** Returns null if it was already archived, or is not the viewer's. */
export async function archive(tx: Tx, viewer: Viewer, id: string): Promise<NotificationRow | null> {
  const [row] = await named(
    "archiveNotification",
    tx
      .update(notifications)
      .set({ archivedAt: sql`now()`, readAt: sql`coalesce(${notifications.readAt}, now())` })
      .where(and(visible(viewer), eq(notifications.id, id), isNull(notifications.archivedAt)))
      .returning(),
  );
  return row ?? null;
}

/** Marks the viewer's unread notifications as read. Returns their number. */
export async function markAllRead(tx: Tx, viewer: Viewer, until: string | null): Promise<number> {
  // The API tells times to the millisecond, and the newest notification that was shown must be among them.
  const isUntil = until === null ? undefined : sql`${notifications.createdAt} < ${until}::timestamptz + interval '1 millisecond'`;
  const rows = await named(
    "markAllRead",
    tx
      .update(notifications)
      .set({ readAt: sql`now()` })
      .where(and(visible(viewer), isNull(notifications.readAt), isUntil))
      .returning({ id: notifications.id }),
  );
  return rows.length;
}

/** Tables of subjects that belong to requests, with the column that says that they were deleted. Comments have that of their request. */
const deletable: Readonly<Record<string, (id: SQL) => SQL>> = {
  request: (id) => sql`select s.is_deleted from requests.requests s where s.tenant_id = app.tenant() and s.id = ${id}`,
  requestComment: (id) => sql`select s.is_deleted from requests.comments c
      join requests.requests s on s.tenant_id = c.tenant_id and s.id = c.request_id where c.tenant_id = app.tenant() and c.id = ${id}`,
  instance: (id) => sql`select s.is_deleted from workflows.instances s where s.tenant_id = app.tenant() and s.id = ${id}`,
  task: (id) => sql`select s.is_deleted from workflows.tasks s where s.tenant_id = app.tenant() and s.id = ${id}`,
};

/** Whether what a notification is about was deleted after the event. Only a transaction with `showDeleted` sees that. */
function isDeleted(subjectType: string, subjectId: string): SQL {
  const select = deletable[subjectType];
  return select === undefined ? sql`false` : sql`coalesce((${select(sql`${subjectId}::uuid`)}), false)`;
}

/**
 * Notifies each user who has not been notified of the event yet, and returns the new rows. Those of users who do not want the kind in the app are read and
 * archived from the start. One statement, whose number of parameters does not depend
 * on the number of users.
 */
export async function insertNotifications(
  tx: Tx,
  notification: NewNotification,
  { userIds, hiddenFrom }: { readonly userIds: readonly string[]; readonly hiddenFrom: ReadonlySet<string> },
): Promise<{ id: string; userId: string }[]> {
  const { tenantId, eventId, kind, title, subjectType, subjectId, params, createdAt, ruleId = null } = notification;
  const ids = userIds.map(() => newId());
  const isHidden = sql`n.user_id = any(${sql.param([...hiddenFrom])}::uuid[])`;
  const rows = await tx.execute<{ id: string; user_id: string }>(
    named(
      "insertNotifications",
      sql`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at, read_at, archived_at, is_deleted, rule_id)
        select ${tenantId}::uuid, n.id, n.user_id, ${eventId}::uuid, ${kind}, ${title}, ${subjectType}, ${subjectId}::uuid,
          ${JSON.stringify(params)}::text::jsonb, ${createdAt}::timestamptz,
          case when ${isHidden} then ${createdAt}::timestamptz end, case when ${isHidden} then ${createdAt}::timestamptz end,
          ${isDeleted(subjectType, subjectId)}, ${ruleId}::uuid
        from unnest(${sql.param(ids)}::uuid[], ${sql.param([...userIds])}::uuid[]) as n (id, user_id)
        on conflict (tenant_id, user_id, event_id, kind, rule_id) do nothing returning id, user_id`,
    ),
  );
  return rows.map((row) => ({ id: row.id, userId: row.user_id }));
}
