import { audit } from "@weft/drizzle";
import type { ChainProblem, VerifiedPlace } from "@weft/platform/audit";
import { type Executes, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";

const { verifications, verifiedEnds } = audit;

export type VerificationRow = typeof verifications.$inferSelect;
export type NewVerification = Pick<VerificationRow, "tenantId" | "id" | "knownCheckpoint" | "total" | "createdBy">;

/** Locks out other verifications of the tenant's new entries, in all processes, until the transaction ends. Returns false if one is running. */
export async function tryLockVerification(tx: Tx): Promise<boolean> {
  const rows = await tx.execute<{ taken: boolean }>(
    named("tryLockVerification", sql`select pg_try_advisory_xact_lock(hashtextextended('weft.audit.verify.' || app.tenant(), 0)) as taken`),
  );
  return rows[0]?.taken === true;
}

/** Prevents others from starting a verification of the tenant's chain until the transaction ends. */
export async function lockVerifications(tx: Tx): Promise<void> {
  await tx.execute(
    named("lockVerifications", sql`select pg_advisory_xact_lock(hashtextextended('weft.audit.verifications.' || app.tenant(), 0))`),
  );
}

/** Returns the signed end up to which the chain was found valid. */
export async function findVerifiedEnd(tx: Tx): Promise<string | null> {
  const [row] = await named("findVerifiedEnd", tx.select({ checkpoint: verifiedEnds.checkpoint }).from(verifiedEnds));
  return row?.checkpoint ?? null;
}

/** Records the verified end. An earlier end from a slower verification does not overwrite it. */
export async function rememberVerifiedEnd(tx: Tx, { sequence, checkpoint }: { sequence: number; checkpoint: string }): Promise<void> {
  await tx.execute(
    named(
      "rememberVerifiedEnd",
      sql`insert into audit.verified_ends as e (tenant_id, sequence, checkpoint) values (app.tenant(), ${sequence}::bigint, ${checkpoint})
      on conflict (tenant_id) do update set sequence = excluded.sequence, checkpoint = excluded.checkpoint, verified_at = now()
      where e.sequence < excluded.sequence`,
    ),
  );
}

export async function insertVerification(tx: Tx, values: NewVerification): Promise<VerificationRow> {
  const [row] = await named("insertVerification", tx.insert(verifications).values(values).returning());
  if (!row) throw new Error("the inserted verification was not returned");
  return row;
}

export async function findVerification(tx: Tx, id: string): Promise<VerificationRow | null> {
  const [row] = await named("findVerification", tx.select().from(verifications).where(eq(verifications.id, id)));
  return row ?? null;
}

/** Returns the running verification. There is at most one. */
export async function findRunning(tx: Tx): Promise<VerificationRow | null> {
  const [row] = await named("findRunningVerification", tx.select().from(verifications).where(eq(verifications.status, "RUNNING")));
  return row ?? null;
}

export function selectVerifications(tx: Tx, slice: KeysetSlice): Promise<VerificationRow[]> {
  return named(
    "selectVerifications",
    tx
      .select()
      .from(verifications)
      .where(slice.where)
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countVerifications(tx: Tx): Promise<number> {
  const [row] = await named("countVerifications", tx.select({ count: count() }).from(verifications));
  return row?.count ?? 0;
}

/** Returns the tenants with a running verification, longest waiting first. Runs as weft_worker, across all tenants. */
export async function findTenantsToVerify(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsToVerify",
      sql`select v.tenant_id from audit.verifications v join identity.tenants t on t.tenant_id = v.tenant_id
      where v.status = 'RUNNING' and t.status = 'ACTIVE' order by v.updated_at limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Changes a running verification if it has not advanced in the meantime. Returns whether it was changed. */
async function change(tx: Tx, { id, sequence }: VerificationRow, values: PgUpdateSetSource<typeof verifications>): Promise<boolean> {
  const unchanged: SQL | undefined = and(
    eq(verifications.id, id),
    eq(verifications.status, "RUNNING"),
    eq(verifications.sequence, sequence),
  );
  const set = { ...values, updatedAt: sql`now()` };
  const rows = await named("changeVerification", tx.update(verifications).set(set).where(unchanged).returning({ id: verifications.id }));
  return rows.length > 0;
}

export const recordPlace = (
  tx: Tx,
  row: VerificationRow,
  { total, ...place }: VerifiedPlace & { readonly total: number },
): Promise<boolean> => change(tx, row, { ...place, total });

/** Moves it behind those of other tenants. */
export const putBehind = (tx: Tx, row: VerificationRow): Promise<boolean> => change(tx, row, {});

export interface Result {
  readonly isValid: boolean;
  readonly problem: ChainProblem | null;
  readonly unsealed: number;
  readonly total: number;
}

export const recordResult = (tx: Tx, row: VerificationRow, place: VerifiedPlace, result: Result): Promise<boolean> =>
  change(tx, row, { ...place, ...result, status: "COMPLETED", finishedAt: sql`now()` });

export const recordFailure = (tx: Tx, row: VerificationRow, message: string): Promise<boolean> =>
  change(tx, row, { status: "FAILED", message, finishedAt: sql`now()` });
