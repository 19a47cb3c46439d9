import { identity, vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { MailingTenant } from "@weft/platform/mail";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, getTableColumns, gt, isNull, lt, or, type SQL, sql } from "drizzle-orm";

const { registrationLinks } = tables;
const { tenants, users } = identity;

export type RegistrationLinkRow = typeof registrationLinks.$inferSelect;
export type NewRegistrationLink = Pick<
  RegistrationLinkRow,
  "tenantId" | "id" | "note" | "email" | "registrationsPerHour" | "maxRegistrations" | "createdBy"
> & { readonly expiresAt: string | SQL | null };

const now = sql`app.weft_now()`;
const isLive = and(isNull(registrationLinks.revokedAt), or(isNull(registrationLinks.expiresAt), gt(registrationLinks.expiresAt, now)));

/** What a link is good for, by the clock of the tenant. */
export const linkStatus = sql<string>`case
  when ${registrationLinks.revokedAt} is not null then 'REVOKED'
  when ${registrationLinks.registrationCount} >= ${registrationLinks.maxRegistrations} then 'USED'
  when ${registrationLinks.expiresAt} <= ${now} then 'EXPIRED'
  else 'OPEN' end`;

const shown = { ...getTableColumns(registrationLinks), status: linkStatus.as("status") };

/** A link with what depends on the tenant's clock. */
export type ShownLink = RegistrationLinkRow & { readonly status: string };

/** The time in so many days, on the clock of the tenant. */
export const inDays = (days: number): SQL => sql`app.weft_now() + make_interval(days => ${days}::int)`;

/** Returns those of the given IDs that exist, in any order. All users who can create vendors see all links. */
export const findRegistrationLinks = (tx: Tx, _viewer: Viewer, ids: readonly string[]): Promise<ShownLink[]> =>
  named("findRegistrationLinks", tx.select(shown).from(registrationLinks).where(among(registrationLinks.id, ids)));

/** Returns the links that match the condition, in the slice's order. */
export const selectRegistrationLinkPage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<ShownLink[]> =>
  named(
    "listVendorRegistrationLinks",
    tx
      .select(shown)
      .from(registrationLinks)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** Locks a link for a change. */
export async function lockRegistrationLink(tx: Tx, id: string): Promise<RegistrationLinkRow | null> {
  const [row] = await named(
    "lockRegistrationLink",
    tx.select().from(registrationLinks).where(eq(registrationLinks.id, id)).for("no key update"),
  );
  return row ?? null;
}

export const insertRegistrationLink = (tx: Tx, values: NewRegistrationLink): Promise<RegistrationLinkRow> =>
  insertedRow(
    named(
      "insertRegistrationLink",
      tx
        .insert(registrationLinks)
        .values({ ...values, createdAt: now, updatedAt: now })
        .returning(),
    ),
  );

/** Returns null if the link's version is no longer `version`. */
export const revokeRegistrationLinkRow = (tx: Tx, id: string, version: number): Promise<RegistrationLinkRow | null> =>
  writtenRow(
    named(
      "revokeRegistrationLinkRow",
      tx
        .update(registrationLinks)
        .set({ revokedAt: now, ...nextVersion(registrationLinks) })
        .where(atVersion(registrationLinks, id, version))
        .returning(),
    ),
  );

/** Returns the link unless it is revoked or expired. A link that is used up is found, so that a repeated call gets its first answer. */
export async function findLiveRegistrationLink(tx: Tx, id: string): Promise<RegistrationLinkRow | null> {
  const query = tx
    .select()
    .from(registrationLinks)
    .where(and(eq(registrationLinks.id, id), isLive));
  const [row] = await named("findLiveRegistrationLink", query);
  return row ?? null;
}

const secondsLeft = sql<number>`greatest(1, ceil(extract(epoch from ${registrationLinks.hourStartedAt} + interval '1 hour' - now())))::integer`;

interface Use {
  readonly row: RegistrationLinkRow;
  /** Seconds until the current hour ends. */
  readonly retryAfter: number;
}

/**
 * Counts a registration with the link, also beyond its limit per hour: the caller compares. Null if the link is revoked, expired or used up. Concurrent
 * uses of a link wait for each other.
 */
export async function useRegistrationLink(tx: Tx, id: string): Promise<Use | null> {
  const { registrationCount, maxRegistrations, hourStartedAt, hourCount } = registrationLinks;
  // True time: the limit protects the people who check registrations, whatever the clock of a sandbox says.
  const isSameHour = sql`coalesce(${hourStartedAt} > now() - interval '1 hour', false)`;
  const query = tx
    .update(registrationLinks)
    .set({
      registrationCount: sql`${registrationCount} + 1`,
      lastUsedAt: now,
      hourStartedAt: sql`case when ${isSameHour} then ${hourStartedAt} else now() end`,
      hourCount: sql`case when ${isSameHour} then ${hourCount} + 1 else 1 end`,
    })
    .where(and(eq(registrationLinks.id, id), isLive, or(isNull(maxRegistrations), lt(registrationCount, maxRegistrations))))
    .returning({ ...getTableColumns(registrationLinks), retryAfter: secondsLeft });
  const [used] = await named("useRegistrationLink", query);
  if (used === undefined) return null;
  const { retryAfter, ...row } = used;
  return { row, retryAfter };
}

export type Inviter = { readonly name: string; readonly tenant: MailingTenant & { readonly name: string; readonly slug: string } };

/** Returns the name of a user, and what their invitations say about the organization. */
export async function findInviter(tx: Tx, userId: string): Promise<Inviter | null> {
  const { name, slug, isVerified, isSelfRegistered, plan } = tenants;
  const query = tx
    .select({ name: users.name, tenant: { name, slug, isVerified, isSelfRegistered, plan } })
    .from(users)
    .innerJoin(tenants, eq(tenants.tenantId, users.tenantId))
    .where(eq(users.id, userId));
  const [row] = await named("findInviter", query);
  return row ?? null;
}
