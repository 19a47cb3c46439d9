import { audit } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { and, asc, eq, inArray, ne, sql } from "drizzle-orm";

const { notificationDestinations } = audit;

export type DestinationRow = typeof notificationDestinations.$inferSelect;

/** What a user says about a destination. */
export type NewDestination = Pick<DestinationRow, "tenantId" | "userId" | "channel" | "name" | "format" | "addressHash" | "host"> & {
  readonly status: "UNCONFIRMED" | "ACTIVE";
};

/** Returns the destinations of a user that were not removed, oldest first. */
export const selectDestinations = (tx: Tx, userId: string): Promise<DestinationRow[]> =>
  named(
    "selectNotificationDestinations",
    tx
      .select()
      .from(notificationDestinations)
      .where(and(eq(notificationDestinations.userId, userId), ne(notificationDestinations.status, "REMOVED")))
      .orderBy(asc(notificationDestinations.createdAt), asc(notificationDestinations.id)),
  );

/** Returns a destination, whoever added it. */
export async function findDestination(tx: Tx, id: string): Promise<DestinationRow | null> {
  const [row] = await named(
    "findNotificationDestination",
    tx.select().from(notificationDestinations).where(eq(notificationDestinations.id, id)),
  );
  return row ?? null;
}

/** Locks the destinations of a user until commit, so that concurrent additions are counted. */
export async function lockDestinations(tx: Tx, userId: string): Promise<void> {
  await tx.execute(
    named("lockNotificationDestinations", sql`select pg_advisory_xact_lock(hashtextextended('weft.destinations.' || ${userId}::text, 0))`),
  );
}

/** Returns the ID of the user's destination with the address, even if it was removed. */
export async function findByAddress(
  tx: Tx,
  { userId, channel, addressHash }: Pick<NewDestination, "userId" | "channel" | "addressHash">,
): Promise<string | null> {
  const [row] = await named(
    "findDestinationByAddress",
    tx
      .select({ id: notificationDestinations.id })
      .from(notificationDestinations)
      .where(
        and(
          eq(notificationDestinations.userId, userId),
          eq(notificationDestinations.channel, channel),
          eq(notificationDestinations.addressHash, addressHash),
        ),
      ),
  );
  return row?.id ?? null;
}

/** Writes a destination. One with the same ID is replaced. */
export async function writeDestination(
  tx: Tx,
  destination: NewDestination & { readonly id: string; readonly address: string },
): Promise<DestinationRow> {
  const { name, format, address, host, status } = destination;
  const [row] = await named(
    "writeNotificationDestination",
    tx
      .insert(notificationDestinations)
      .values(destination)
      .onConflictDoUpdate({
        target: [notificationDestinations.tenantId, notificationDestinations.id],
        set: { name, format, address, host, status, reason: null, updatedAt: sql`now()` },
      })
      .returning(),
  );
  if (row === undefined) throw new Error(`The destination ${destination.id} was not written.`);
  return row;
}

/** Removes a destination with its address. */
export async function removeDestination(tx: Tx, id: string): Promise<void> {
  await named(
    "removeNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ status: "REMOVED", reason: null, address: "", updatedAt: sql`now()` })
      .where(eq(notificationDestinations.id, id)),
  );
}

/** Activates an unconfirmed destination. */
export async function activateDestination(tx: Tx, id: string): Promise<DestinationRow> {
  const [row] = await named(
    "activateNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ status: "ACTIVE", reason: null, updatedAt: sql`now()` })
      .where(eq(notificationDestinations.id, id))
      .returning(),
  );
  if (row === undefined) throw new Error(`The destination ${id} was not activated.`);
  return row;
}

/** Notes why an unconfirmed destination has got no code. */
export async function noteOfDestination(tx: Tx, id: string, reason: string): Promise<void> {
  await named(
    "noteOfNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ reason, updatedAt: sql`now()` })
      .where(and(eq(notificationDestinations.id, id), eq(notificationDestinations.status, "UNCONFIRMED"))),
  );
}

/** Disables a destination that no longer exists. Returns whether it was in use. */
export async function disableDestination(tx: Tx, id: string, reason: string): Promise<boolean> {
  const rows = await named(
    "disableNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ status: "DISABLED", reason, updatedAt: sql`now()` })
      .where(and(eq(notificationDestinations.id, id), inArray(notificationDestinations.status, ["ACTIVE", "UNCONFIRMED"])))
      .returning({ id: notificationDestinations.id }),
  );
  return rows.length > 0;
}
