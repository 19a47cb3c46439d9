import { identity } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";

const { identityProviders } = identity;

export type IdentityProviderRow = typeof identityProviders.$inferSelect;
type NewProvider = Omit<typeof identityProviders.$inferInsert, "createdAt" | "updatedAt" | "version">;
export type IdentityProviderChanges = Partial<Omit<NewProvider, "tenantId" | "id" | "kind" | "createdBy">>;

const uniqueName = (name: string | undefined) => ({
  identity_providers_name_key: { type: "identityProvider", field: "name", value: name } as const,
});

export async function findIdentityProvider(tx: Tx, id: string): Promise<IdentityProviderRow | null> {
  const [row] = await named("findIdentityProvider", tx.select().from(identityProviders).where(eq(identityProviders.id, id)));
  return row ?? null;
}

/** Reads a provider and keeps it from being changed until commit. */
export async function shareIdentityProvider(tx: Tx, id: string): Promise<IdentityProviderRow | null> {
  const [row] = await named("shareIdentityProvider", tx.select().from(identityProviders).where(eq(identityProviders.id, id)).for("share"));
  return row ?? null;
}

/** Returns some providers with a key of Weft's that was replaced and has expired, and keeps them from being changed until commit. */
export function lockProvidersWithExpiredKey(tx: Tx, limit: number): Promise<IdentityProviderRow[]> {
  const expiresAt = sql`(${identityProviders.configuration} ->> 'previousServiceProviderKeyExpiresAt')::timestamptz`;
  const isExpired = and(eq(identityProviders.kind, "SAML"), sql`${expiresAt} <= now()`);
  return named(
    "lockProvidersWithExpiredKey",
    tx.select().from(identityProviders).where(isExpired).limit(limit).for("update", { skipLocked: true }),
  );
}

export async function hasActiveProvider(tx: Tx): Promise<boolean> {
  const rows = await named(
    "hasActiveProvider",
    tx.select({ id: identityProviders.id }).from(identityProviders).where(eq(identityProviders.status, "ACTIVE")).limit(1),
  );
  return rows.length > 0;
}

/** Counts all providers of the tenant. Nobody else can create one until commit. */
export async function lockIdentityProviderCount(tx: Tx): Promise<number> {
  await tx.execute(
    named("lockIdentityProviderCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.identityProviders.' || app.tenant(), 0))`),
  );
  return countRows(tx, { name: "countIdentityProviders", table: identityProviders, where: undefined });
}

export const insertIdentityProvider = (tx: Tx, values: NewProvider): Promise<IdentityProviderRow> =>
  insertedRow(named("insertIdentityProvider", tx.insert(identityProviders).values(values).returning()), uniqueName(values.name));

/** Returns null if the provider's version is no longer `version`. */
export function updateIdentityProviderRow(
  tx: Tx,
  id: string,
  version: number,
  changes: IdentityProviderChanges,
): Promise<IdentityProviderRow | null> {
  const update = tx
    .update(identityProviders)
    .set({ ...changes, ...nextVersion(identityProviders) })
    .where(atVersion(identityProviders, id, version))
    .returning();
  return writtenRow(named("updateIdentityProvider", update), uniqueName(changes.name));
}

/** Deletes a provider with the links of its users. Returns false if its version is no longer `version`. */
export async function removeIdentityProvider(tx: Tx, id: string, version: number): Promise<boolean> {
  const gone = tx
    .delete(identityProviders)
    .where(atVersion(identityProviders, id, version))
    .returning({ id: identityProviders.id });
  return (await named("removeIdentityProvider", gone)).length > 0;
}
