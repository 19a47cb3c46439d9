import { identity } from "@weft/drizzle";
import { quote } from "@weft/shared/errors";
import { countRows, insertedRow, mapDatabaseError, named, nextVersion, type Tx } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, isNotNull, type SQL, sql } from "drizzle-orm";

const { domains } = identity;

/** Verified domains that are to be checked. A check that fails is repeated when its claim has ended. */
export const domainQueue = new DueQueue({ name: "Domain", table: domains, dueAt: "dueAt", claimTime: "1 hour" });

export type DomainRow = typeof domains.$inferSelect;

/** Time between two checks of a verified domain. */
const checkInterval = "1 day";

const after = (interval: string): SQL => sql`now() + ${interval}::interval`;

/** Counts all domains of the tenant. Nobody else can add one until commit. */
export async function lockDomainCount(tx: Tx): Promise<number> {
  await tx.execute(named("lockDomainCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.domains.' || app.tenant(), 0))`));
  return countRows(tx, { name: "countDomains", table: domains, where: undefined });
}

export const insertDomain = (
  tx: Tx,
  values: Pick<typeof domains.$inferInsert, "tenantId" | "id" | "name" | "challenge" | "createdBy">,
): Promise<DomainRow> =>
  insertedRow(named("insertDomain", tx.insert(domains).values(values).returning()), {
    domains_name_key: { path: "input.name", message: `Your organization already has the domain ${quote(values.name)}.` },
  });

export async function findDomain(tx: Tx, id: string): Promise<DomainRow | null> {
  const [row] = await named("findDomain", tx.select().from(domains).where(eq(domains.id, id)));
  return row ?? null;
}

export async function lockDomain(tx: Tx, id: string): Promise<DomainRow | null> {
  const [row] = await named("lockDomain", tx.select().from(domains).where(eq(domains.id, id)).for("update"));
  return row ?? null;
}

/**
 * Writes the result of a check. A verified domain keeps its time.
 * @param taken creates the error if another tenant has verified the domain
 */
export async function recordDomainCheck(
  tx: Tx,
  { id, isVerified }: { readonly id: string; readonly isVerified: boolean },
  taken: () => Error,
): Promise<DomainRow> {
  try {
    const [row] = await named(
      "recordDomainCheck",
      tx
        .update(domains)
        .set({
          verifiedAt: isVerified ? sql`coalesce(${domains.verifiedAt}, now())` : null,
          checkedAt: sql`now()`,
          missingSince: null,
          dueAt: isVerified ? after(checkInterval) : null,
          ...nextVersion(domains),
        })
        .where(eq(domains.id, id))
        .returning(),
    );
    if (!row) throw new Error("A locked domain could not be changed.");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, { domains_verified_key: taken });
  }
}

export async function deleteDomain(tx: Tx, id: string): Promise<void> {
  await named("deleteDomain", tx.delete(domains).where(eq(domains.id, id)));
}

export async function isDomainVerified(tx: Tx, name: string): Promise<boolean> {
  const rows = await named(
    "isDomainVerified",
    tx
      .select({ id: domains.id })
      .from(domains)
      .where(and(eq(domains.name, name), isNotNull(domains.verifiedAt))),
  );
  return rows.length > 0;
}

/** Returns a verified domain of whichever tenant has it. Runs as weft_auth. */
export async function findHolder(tx: Tx, name: string): Promise<Pick<DomainRow, "tenantId" | "id" | "name" | "challenge"> | null> {
  const { tenantId, id, challenge } = domains;
  const [row] = await named(
    "findDomainHolder",
    tx
      .select({ tenantId, id, name: domains.name, challenge })
      .from(domains)
      .where(and(eq(domains.name, name), isNotNull(domains.verifiedAt))),
  );
  return row ?? null;
}

/** Records that a verified domain has been checked and stays verified. */
export async function recordPeriodicCheck(
  tx: Tx,
  { id, isMissing }: { readonly id: string; readonly isMissing: boolean },
): Promise<DomainRow> {
  const [row] = await named(
    "recordPeriodicCheck",
    tx
      .update(domains)
      .set({
        checkedAt: sql`now()`,
        missingSince: isMissing ? sql`coalesce(${domains.missingSince}, now())` : null,
        dueAt: after(isMissing ? "6 hours" : checkInterval),
      })
      .where(eq(domains.id, id))
      .returning(),
  );
  if (!row) throw new Error("A locked domain could not be changed.");
  return row;
}
