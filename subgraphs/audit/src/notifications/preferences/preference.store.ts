import { audit, identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, inArray, sql } from "drizzle-orm";

const { notificationPreferences } = audit;
const { users } = identity;

export type PreferenceRow = typeof notificationPreferences.$inferSelect;
/** Values of a row. Omitted ones stay as they are. */
export type PreferenceChange = Pick<PreferenceRow, "kind" | "channel"> &
  Partial<Pick<PreferenceRow, "isEnabled" | "digest" | "quietFrom" | "quietTo" | "snoozedUntil">>;

/** Returns the preferences of a user. */
export const findPreferences = (tx: Tx, userId: string): Promise<PreferenceRow[]> =>
  named("findNotificationPreferences", tx.select().from(notificationPreferences).where(eq(notificationPreferences.userId, userId)));

/** A person whom notifications can reach outside the app: active, and not a service account or an operator. */
export interface Recipient {
  readonly id: string;
  readonly timeZone: string | null;
  readonly rows: readonly PreferenceRow[];
  /** Active destinations: chats, browsers and phone numbers. */
  readonly destinations: readonly Destination[];
}

export interface Destination {
  readonly id: string;
  readonly channel: "CHAT" | "WEB_PUSH" | "SMS";
}

/** Returns those of the users who can be reached, with their preferences. */
export async function findRecipients(tx: Tx, userIds: readonly string[]): Promise<Map<string, Recipient>> {
  if (userIds.length === 0) return new Map();
  const rows = await named(
    "findNotificationRecipients",
    tx
      .select({
        id: users.id,
        timeZone: users.timeZone,
        row: notificationPreferences,
        destinations: sql<Destination[]>`coalesce((
          select jsonb_agg(jsonb_build_object('id', d.id, 'channel', d.channel) order by d.id) from audit.notification_destinations d
            where d.tenant_id = ${users.tenantId} and d.user_id = ${users.id} and d.status = 'ACTIVE'), '[]')`,
      })
      .from(users)
      .leftJoin(
        notificationPreferences,
        and(eq(notificationPreferences.tenantId, users.tenantId), eq(notificationPreferences.userId, users.id)),
      )
      .where(and(among(users.id, userIds), eq(users.status, "ACTIVE"), inArray(users.type, ["EMPLOYEE", "VENDOR"]))),
  );
  const found = new Map<string, Recipient & { rows: PreferenceRow[] }>();
  for (const { id, timeZone, row, destinations } of rows) {
    const one = found.get(id) ?? { id, timeZone, destinations, rows: [] };
    if (row !== null) one.rows.push(row);
    found.set(id, one);
  }
  return found;
}

/** Returns the time zone of a user. Null if they have chosen none. */
export async function findTimeZone(tx: Tx, userId: string): Promise<string | null> {
  const [row] = await named("findTimeZoneOfUser", tx.select({ timeZone: users.timeZone }).from(users).where(eq(users.id, userId)));
  return row?.timeZone ?? null;
}

/** Writes preferences of a user. Null means that the user has not chosen. */
export async function writePreferences(
  tx: Tx,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  changes: readonly PreferenceChange[],
): Promise<void> {
  for (const { kind, channel, ...values } of changes)
    await named(
      "writeNotificationPreference",
      tx
        .insert(notificationPreferences)
        .values({ tenantId, userId, kind, channel, ...values })
        .onConflictDoUpdate({
          target: [
            notificationPreferences.tenantId,
            notificationPreferences.userId,
            notificationPreferences.kind,
            notificationPreferences.channel,
          ],
          set: { ...values, updatedAt: sql`now()` },
        }),
    );
}

/** Locks the preferences of a user until commit, so that concurrent changes are made one after the other. */
export async function lockPreferences(tx: Tx, userId: string): Promise<void> {
  await tx.execute(
    named("lockNotificationPreferences", sql`select pg_advisory_xact_lock(hashtextextended('weft.preferences.' || ${userId}::text, 0))`),
  );
}
