/** What a worker reads of deliveries that are due, and changes, to make messages of them. */
import { audit } from "@weft/drizzle";
import { among, dueRows, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNull, lte, sql } from "drizzle-orm";
import type { DeliveryRow } from "./delivery.store.js";

const { notificationDeliveries } = audit;

/** Tenants with due deliveries. A delivery is due by the clock of its tenant. */
export const dueDeliveryRows = dueRows({ name: "DueDeliveries", dueAt: notificationDeliveries.dueAt });

/** A person, and where their messages are sent. Without a person, the destination belongs to a team. */
export type MessageReceiver = Pick<DeliveryRow, "userId" | "channel" | "destinationId">;

/** Returns the receiver of the delivery that has waited longest. Null if none is due. */
export async function findReceiverToNotify(tx: Tx): Promise<MessageReceiver | null> {
  const [row] = await named(
    "findReceiverToNotify",
    tx
      .select({
        userId: notificationDeliveries.userId,
        channel: notificationDeliveries.channel,
        destinationId: notificationDeliveries.destinationId,
      })
      .from(notificationDeliveries)
      .where(lte(notificationDeliveries.dueAt, sql`app.weft_now()`))
      .orderBy(asc(notificationDeliveries.dueAt), asc(notificationDeliveries.id))
      .limit(1),
  );
  return row ?? null;
}

/** Locks the due deliveries of a receiver until commit, oldest event first. Workers that bundle for the same person or chat of a team wait for each other. */
export async function lockDueDeliveries(
  tx: Tx,
  { userId, channel, destinationId }: MessageReceiver,
  limit: number,
): Promise<DeliveryRow[]> {
  await tx.execute(
    named(
      "lockMessagesOfPerson",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.messages.' || ${userId ?? destinationId}::text, 0))`,
    ),
  );
  return named(
    "lockDueDeliveries",
    tx
      .select()
      .from(notificationDeliveries)
      .where(
        and(
          userId === null ? isNull(notificationDeliveries.userId) : eq(notificationDeliveries.userId, userId),
          eq(notificationDeliveries.channel, channel),
          destinationId === null ? isNull(notificationDeliveries.destinationId) : eq(notificationDeliveries.destinationId, destinationId),
          lte(notificationDeliveries.dueAt, sql`app.weft_now()`),
        ),
      )
      .orderBy(asc(notificationDeliveries.createdAt), asc(notificationDeliveries.id))
      .limit(limit)
      .for("update"),
  );
}

/** Times of the receiver's messages in the last hour, and the number of the tenant's messages in the channel in the last 24 hours. */
export async function findRecentMessages(
  tx: Tx,
  { userId, channel, destinationId }: MessageReceiver,
): Promise<{ ofPerson: number[]; ofTenant: number }> {
  const [row] = await tx.execute<{ of_person: number[] | null; of_tenant: number }>(
    named(
      "findRecentMessages",
      sql`select array_agg(floor(extract(epoch from bundled_at) * 1000)::float8) filter (
          where user_id is not distinct from ${userId}::uuid and destination_id is not distinct from ${destinationId}::uuid
            and bundled_at > app.weft_now() - interval '1 hour') as of_person, count(*)::int as of_tenant
        from audit.notification_deliveries where tenant_id = app.tenant() and id = message_id and channel = ${channel} and bundled_at > app.weft_now() - interval '1 day'`,
    ),
  );
  return { ofPerson: (row?.of_person ?? []).map(Number), ofTenant: row?.of_tenant ?? 0 };
}

/** Makes one message of deliveries. Its sender finds it after the commit. */
export async function makeMessage(tx: Tx, ids: readonly [string, ...string[]]): Promise<void> {
  const [first] = ids;
  await named(
    "makeNotificationMessage",
    tx
      .update(notificationDeliveries)
      .set({
        status: "READY",
        dueAt: null,
        messageId: first,
        bundledAt: sql`app.weft_now()`,
        readyAt: sql`now()`,
        nextAttemptAt: sql`case when ${notificationDeliveries.id} = ${first}::uuid then now() end`,
        updatedAt: sql`now()`,
      })
      .where(among(notificationDeliveries.id, ids)),
  );
}

/** Postpones deliveries that are due, in the tenant's time (ISO 8601). */
export async function postponeDeliveries(
  tx: Tx,
  ids: readonly string[],
  { dueAt, reason }: { readonly dueAt: string; readonly reason: string },
): Promise<void> {
  await named(
    "postponeDeliveries",
    tx
      .update(notificationDeliveries)
      .set({ dueAt, reason, updatedAt: sql`now()` })
      .where(among(notificationDeliveries.id, ids)),
  );
}
