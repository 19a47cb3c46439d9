import { audit, type RequiredAccess } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { deleteOld } from "@weft/platform/cleaning";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, sql } from "drizzle-orm";

const { notificationDeliveries } = audit;

export type DeliveryRow = typeof notificationDeliveries.$inferSelect;

/** A notification that leaves the app. */
export interface NewDelivery {
  readonly userId: string;
  readonly notificationId: string;
  readonly channel: "EMAIL" | "CHAT" | "WEB_PUSH" | "SMS";
  /** Null for emails. */
  readonly destinationId: string | null;
  /** In the tenant's time, ISO 8601. */
  readonly dueAt: string;
  /** Whether the recipient must still be able to read `requiredAccess` when it is sent. */
  readonly isChecked: boolean;
}

/** Values that are the same for all recipients of a notice. */
export interface DeliveredNotice {
  readonly tenantId: string;
  readonly eventId: string;
  readonly kind: string;
  readonly createdAt: string;
  /** Whether a rule does not let users turn it off. */
  readonly isMandatory: boolean;
  readonly requiredAccess: RequiredAccess;
}

/**
 * Queues deliveries, at most one per person, channel, destination and event. Events of more than a day ago, which a worker catches up on, are not sent. One statement, whose number of
 * parameters does not depend on the number of users.
 */
export async function insertDeliveries(tx: Tx, notice: DeliveredNotice, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const { tenantId, eventId, kind, createdAt, isMandatory, requiredAccess } = notice;
  const checked = deliveries.filter(({ isChecked }) => isChecked).map(({ userId }) => userId);
  const list = <T>(values: T[]) => sql.param(values);
  await tx.execute(
    named(
      "insertNotificationDeliveries",
      sql`insert into audit.notification_deliveries (tenant_id, id, user_id, notification_id, event_id, kind, channel, destination_id, due_at, created_at, is_mandatory, required_access)
        select ${tenantId}::uuid, d.id, d.user_id, d.notification_id, ${eventId}::uuid, ${kind}, d.channel, d.destination_id, d.due_at::timestamptz, ${createdAt}::timestamptz, ${isMandatory}::boolean,
            case when d.user_id = any(${list(checked)}::uuid[]) then ${JSON.stringify(requiredAccess)}::text::jsonb end
          from unnest(${list(deliveries.map(() => newId()))}::uuid[], ${list(deliveries.map((one) => one.userId))}::uuid[],
            ${list(deliveries.map((one) => one.notificationId))}::uuid[], ${list(deliveries.map((one) => one.dueAt))}::text[],
            ${list(deliveries.map((one) => one.channel))}::text[], ${list(deliveries.map((one) => one.destinationId))}::uuid[])
            as d (id, user_id, notification_id, due_at, channel, destination_id)
         where ${createdAt}::timestamptz > app.weft_now() - interval '1 day'
        on conflict (tenant_id, user_id, channel, event_id, destination_id, rule_id) do nothing`,
    ),
  );
}

/** What a rule sends to chats of teams. */
export interface TeamNotice extends Pick<DeliveredNotice, "tenantId" | "eventId" | "createdAt"> {
  readonly ruleId: string;
  readonly title: string;
  /** Empty if there is none. */
  readonly body: string;
}

/** A chat of a team. */
export interface TeamChat {
  readonly id: string;
  readonly teamId: string;
}

/** Queues what a rule sends to chats of teams, at most one per rule, chat and event, and nothing about events of more than a day ago. One statement. */
export async function insertTeamDeliveries(tx: Tx, notice: TeamNotice, chats: readonly TeamChat[]): Promise<void> {
  if (chats.length === 0) return;
  const { tenantId, eventId, createdAt, ruleId, title, body } = notice;
  const list = <T>(values: T[]) => sql.param(values);
  await tx.execute(
    named(
      "insertTeamNotificationDeliveries",
      sql`insert into audit.notification_deliveries (tenant_id, id, team_id, event_id, kind, channel, destination_id, due_at, created_at, rule_id, title, body)
        select ${tenantId}::uuid, d.id, d.team_id, ${eventId}::uuid, 'RULE', 'CHAT', d.destination_id, ${createdAt}::timestamptz, ${createdAt}::timestamptz,
            ${ruleId}::uuid, ${title}, ${body}
          from unnest(${list(chats.map(() => newId()))}::uuid[], ${list(chats.map((one) => one.teamId))}::uuid[],
            ${list(chats.map((one) => one.id))}::uuid[]) as d (id, team_id, destination_id)
         where ${createdAt}::timestamptz > app.weft_now() - interval '1 day'
        on conflict (tenant_id, user_id, channel, event_id, destination_id, rule_id) do nothing`,
    ),
  );
}

/** Returns the tenant's time, ISO 8601. */
export async function readTenantTime(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ now: string }>(named("readTenantTime", sql`select app.weft_now()::text as now`));
  return new Date(row?.now ?? "").toISOString();
}

export const findDelivery = async (tx: Tx, id: string): Promise<DeliveryRow | null> => {
  const [row] = await named("findNotificationDelivery", tx.select().from(notificationDeliveries).where(eq(notificationDeliveries.id, id)));
  return row ?? null;
};

/** Locks a delivery until commit. */
export const lockDelivery = async (tx: Tx, id: string): Promise<DeliveryRow | null> => {
  const [row] = await named(
    "lockNotificationDelivery",
    tx.select().from(notificationDeliveries).where(eq(notificationDeliveries.id, id)).for("update"),
  );
  return row ?? null;
};

/** Locks the deliveries of a message until commit, the first one first. */
export const lockMessage = (tx: Tx, messageId: string): Promise<DeliveryRow[]> =>
  named(
    "lockNotificationMessage",
    tx
      .select()
      .from(notificationDeliveries)
      .where(eq(notificationDeliveries.messageId, messageId))
      .orderBy(asc(notificationDeliveries.createdAt), asc(notificationDeliveries.id))
      .for("update"),
  );

/** Returns the user and the kinds of a message. Null if it does not exist, or is for a team. */
export async function findKindsOfMessage(tx: Tx, messageId: string): Promise<{ userId: string; kinds: string[] } | null> {
  const rows = await named(
    "findKindsOfMessage",
    tx
      .selectDistinct({ userId: notificationDeliveries.userId, kind: notificationDeliveries.kind })
      .from(notificationDeliveries)
      .where(eq(notificationDeliveries.messageId, messageId)),
  );
  const [first] = rows;
  return first === undefined || first.userId === null ? null : { userId: first.userId, kinds: rows.map(({ kind }) => kind).toSorted() };
}

/** Ends deliveries without a message being sent. */
export async function endDeliveries(
  tx: Tx,
  ids: readonly string[],
  { status, reason }: { readonly status: "CANCELLED" | "SUPPRESSED"; readonly reason: string },
): Promise<void> {
  if (ids.length === 0) return;
  await named(
    "endNotificationDeliveries",
    tx
      .update(notificationDeliveries)
      .set({ status, reason, dueAt: null, nextAttemptAt: null, updatedAt: sql`now()` })
      .where(and(among(notificationDeliveries.id, ids))),
  );
}

/** Deletes ended deliveries that were created more than this number of days ago, in the tenant's transaction. Runs as weft_worker. */
export const deleteOldDeliveries = (tx: Tx, old: { readonly days: number; readonly limit: number }): Promise<number> =>
  deleteOld(tx, {
    name: "Deliveries",
    table: "audit.notification_deliveries",
    where: sql`q.status not in ('QUEUED', 'READY', 'SENDING')`,
    ...old,
  });
