import { audit, identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";

const { notificationDestinations } = audit;
const { teams } = identity;

export type DestinationRow = typeof notificationDestinations.$inferSelect;

/** Whose destinations: those of a user, or of a team. */
export type Owner = { readonly userId: string; readonly teamId: null } | { readonly userId: null; readonly teamId: string };

export const ofUser = (userId: string): Owner => ({ userId, teamId: null });
export const ofTeam = (teamId: string): Owner => ({ userId: null, teamId });

/** Returns whose destination it is. */
export function ownerOf({ id, userId, teamId }: DestinationRow): Owner {
  if (userId !== null) return ofUser(userId);
  if (teamId === null) throw new Error(`The destination ${id} belongs to nobody.`);
  return ofTeam(teamId);
}

/** What a user says about a destination. */
export type NewDestination = Pick<DestinationRow, "tenantId" | "channel" | "name" | "format" | "addressHash" | "host"> &
  Owner & { readonly status: "UNCONFIRMED" | "ACTIVE" };

const isOf = ({ userId, teamId }: Owner) =>
  teamId === null ? eq(notificationDestinations.userId, userId) : eq(notificationDestinations.teamId, teamId);

/** Returns the destinations of a user or a team that were not removed, oldest first. */
export const selectDestinations = (tx: Tx, owner: Owner): Promise<DestinationRow[]> =>
  named(
    "selectNotificationDestinations",
    tx
      .select()
      .from(notificationDestinations)
      .where(and(isOf(owner), ne(notificationDestinations.status, "REMOVED")))
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

/** Returns destinations of teams, also those that were removed. */
export const findTeamDestinations = (tx: Tx, ids: readonly string[]): Promise<DestinationRow[]> =>
  named(
    "findTeamNotificationDestinations",
    tx
      .select()
      .from(notificationDestinations)
      .where(and(among(notificationDestinations.id, ids), isNotNull(notificationDestinations.teamId))),
  );

/** Locks the destinations of a user or a team until commit, so that concurrent additions are counted. */
export async function lockDestinations(tx: Tx, { userId, teamId }: Owner): Promise<void> {
  await tx.execute(
    named(
      "lockNotificationDestinations",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.destinations.' || ${userId ?? teamId}::text, 0))`,
    ),
  );
}

/** Returns whether a team exists, and keeps it from being deleted until commit. */
export async function keepTeam(tx: Tx, teamId: string): Promise<boolean> {
  const rows = await named(
    "keepTeamOfDestination",
    tx
      .select({ id: teams.id })
      .from(teams)
      .where(and(eq(teams.id, teamId), isNull(teams.deletedAt)))
      .for("key share"),
  );
  return rows.length > 0;
}

/** Returns the ID of the destination of a user or a team with the address, even if it was removed. */
export async function findByAddress(
  tx: Tx,
  { channel, addressHash, ...owner }: Owner & Pick<NewDestination, "channel" | "addressHash">,
): Promise<string | null> {
  const [row] = await named(
    "findDestinationByAddress",
    tx
      .select({ id: notificationDestinations.id })
      .from(notificationDestinations)
      .where(and(isOf(owner), eq(notificationDestinations.channel, channel), eq(notificationDestinations.addressHash, addressHash))),
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

/** Renames a destination, or changes the form of its messages. */
export async function changeDestination(tx: Tx, id: string, changes: Pick<DestinationRow, "name" | "format">): Promise<DestinationRow> {
  const [row] = await named(
    "changeNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ ...changes, updatedAt: sql`now()` })
      .where(eq(notificationDestinations.id, id))
      .returning(),
  );
  if (row === undefined) throw new Error(`The destination ${id} was not changed.`);
  return row;
}

/** Gives a destination another address, and activates it. */
export async function readdressDestination(
  tx: Tx,
  id: string,
  changes: Pick<DestinationRow, "address" | "addressHash" | "host">,
): Promise<DestinationRow> {
  const [row] = await named(
    "readdressNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ ...changes, status: "ACTIVE", reason: null, updatedAt: sql`now()` })
      .where(eq(notificationDestinations.id, id))
      .returning(),
  );
  if (row === undefined) throw new Error(`The destination ${id} was not changed.`);
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

/** Disables a destination that no longer exists. Returns whether it was in use, with the same address. */
export async function disableDestination(
  tx: Tx,
  { id, addressHash }: Pick<DestinationRow, "id" | "addressHash">,
  reason: string,
): Promise<boolean> {
  const rows = await named(
    "disableNotificationDestination",
    tx
      .update(notificationDestinations)
      .set({ status: "DISABLED", reason, updatedAt: sql`now()` })
      .where(
        and(
          eq(notificationDestinations.id, id),
          eq(notificationDestinations.addressHash, addressHash),
          inArray(notificationDestinations.status, ["ACTIVE", "UNCONFIRMED"]),
        ),
      )
      .returning({ id: notificationDestinations.id }),
  );
  return rows.length > 0;
}
