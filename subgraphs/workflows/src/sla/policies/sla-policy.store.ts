import { requests, sla } from "@weft/drizzle";
import type { SlaPolicyRow } from "@weft/engine";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, desc, eq, getTableColumns, isNull, or, sql, type SQL } from "drizzle-orm";

const { requestTypes } = requests;
const { slaPolicies, slaPolicyVersions } = sla;

export type PolicyVersionRow = typeof slaPolicyVersions.$inferSelect;

/** The policies that have not been deleted. */
export const live: SQL = isNull(slaPolicies.deletedAt);

export async function findPolicy(tx: Tx, id: string): Promise<SlaPolicyRow | null> {
  const [row] = await named("findSlaPolicy", tx.select().from(slaPolicies).where(eq(slaPolicies.id, id)));
  return row ?? null;
}

export function selectPoliciesById(tx: Tx, ids: readonly string[]): Promise<SlaPolicyRow[]> {
  return named("selectSlaPoliciesById", tx.select().from(slaPolicies).where(among(slaPolicies.id, ids)));
}

/** Returns the policies that concern requests of these types, in the order in which they are tried. */
export function selectPoliciesOfTypes(tx: Tx, typeIds: readonly string[]): Promise<(SlaPolicyRow & { readonly typeId: string })[]> {
  const concerns = and(
    or(isNull(slaPolicies.requestType), eq(slaPolicies.requestType, requestTypes.key)),
    or(isNull(slaPolicies.definitionKey), eq(slaPolicies.definitionKey, requestTypes.definitionKey)),
  );
  const query = tx
    .select({ ...getTableColumns(slaPolicies), typeId: requestTypes.id })
    .from(requestTypes)
    .innerJoin(slaPolicies, and(eq(slaPolicies.tenantId, requestTypes.tenantId), concerns))
    .where(and(among(requestTypes.id, typeIds), live))
    .orderBy(asc(slaPolicies.position), asc(slaPolicies.id));
  return named("selectSlaPoliciesOfTypes", query);
}

export async function isRequestType(tx: Tx, key: string): Promise<boolean> {
  const query = tx.select({ id: requestTypes.id }).from(requestTypes).where(eq(requestTypes.key, key));
  return (await named("isRequestType", query)).length > 0;
}

export function selectPolicyPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<SlaPolicyRow[]> {
  return named(
    "selectSlaPolicyPage",
    tx
      .select()
      .from(slaPolicies)
      .where(and(live, where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countPolicies(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countSlaPolicies", tx.select({ count: count() }).from(slaPolicies).where(and(live, where)));
  return row?.count ?? 0;
}

/** No other transaction can add a policy until this one ends. */
export async function lockPolicies(tx: Tx): Promise<void> {
  await tx.execute(named("lockSlaPolicies", sql`select pg_advisory_xact_lock(hashtextextended('weft.slaPolicies.' || app.tenant(), 0))`));
}

/** Returns the last position and the number of policies. */
export async function sizeOfPolicies(tx: Tx): Promise<{ last: number; size: number }> {
  const query = tx
    .select({ last: sql<number>`coalesce(max(${slaPolicies.position}), 0)::int`, size: sql<number>`count(*)::int` })
    .from(slaPolicies)
    .where(live);
  const [row] = await named("sizeOfSlaPolicies", query);
  return row ?? { last: 0, size: 0 };
}

/** Whether another policy that was not deleted has the key. */
export async function isKeyTaken(tx: Tx, key: string): Promise<boolean> {
  const query = tx
    .select({ id: slaPolicies.id })
    .from(slaPolicies)
    .where(and(live, eq(slaPolicies.key, key)));
  return (await named("isSlaPolicyKeyTaken", query)).length > 0;
}

export async function insertPolicy(tx: Tx, values: typeof slaPolicies.$inferInsert): Promise<SlaPolicyRow> {
  const [row] = await named("insertSlaPolicy", tx.insert(slaPolicies).values(values).returning());
  if (!row) throw new Error("insert returned no row");
  return row;
}

/** Returns null if the policy has changed since it was read. */
export async function updatePolicyRow(
  tx: Tx,
  { id, version }: SlaPolicyRow,
  changes: Partial<typeof slaPolicies.$inferInsert>,
): Promise<SlaPolicyRow | null> {
  const update = tx
    .update(slaPolicies)
    .set({ ...changes, version: version + 1, updatedAt: sql`app.weft_now()` })
    .where(and(eq(slaPolicies.id, id), eq(slaPolicies.version, version), live))
    .returning();
  const [row] = await named("updateSlaPolicy", update);
  return row ?? null;
}

export async function insertPolicyVersion(tx: Tx, values: typeof slaPolicyVersions.$inferInsert): Promise<void> {
  await named("insertSlaPolicyVersion", tx.insert(slaPolicyVersions).values(values));
}

/** Returns the newest versions of each policy, at most `limit`. */
export function selectPolicyVersions(tx: Tx, policyIds: readonly string[], limit: number): Promise<PolicyVersionRow[]> {
  const newest = sql`${slaPolicyVersions.version} > (
    select p.version - ${limit} from workflows.sla_policies p where p.tenant_id = app.tenant() and p.id = ${slaPolicyVersions.policyId})`;
  const query = tx
    .select()
    .from(slaPolicyVersions)
    .where(and(among(slaPolicyVersions.policyId, policyIds), newest));
  return named("selectSlaPolicyVersions", query.orderBy(slaPolicyVersions.policyId, desc(slaPolicyVersions.version)));
}
