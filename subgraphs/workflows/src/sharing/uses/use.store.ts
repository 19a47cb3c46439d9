import { sharing } from "@weft/drizzle";
import { among, countRows, named, type KeysetSlice, type Tx } from "@weft/shared";
import { and, eq, sql, type SQL } from "drizzle-orm";

const { definitionShareUses: uses } = sharing;
export type UseRow = typeof uses.$inferSelect;

/** What the tenant has started in others. */
export const ownStarts = and(eq(uses.tenantId, sql`app.tenant()`), eq(uses.side, "RECIPIENT"), eq(uses.mode, "START"));

export async function insertUse(tx: Tx, values: typeof uses.$inferInsert): Promise<UseRow> {
  const [row] = await named("insertDefinitionShareUse", tx.insert(uses).values(values).returning());
  if (!row) throw new Error("The inserted use was not returned.");
  return row;
}

export async function findStart(tx: Tx, id: string): Promise<UseRow | null> {
  const [row] = await named(
    "findSharedStart",
    tx
      .select()
      .from(uses)
      .where(and(ownStarts, eq(uses.id, id))),
  );
  return row ?? null;
}

export const selectStartPage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<UseRow[]> =>
  named(
    "selectSharedStartPage",
    tx
      .select()
      .from(uses)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

export const countStarts = (tx: Tx, where: SQL | undefined): Promise<number> =>
  countRows(tx, { name: "countSharedStarts", table: uses, where });

/** Uses of a share within the last hour. */
interface RecentUses extends Record<string, unknown> {
  readonly count: number;
  /** Seconds until the oldest of them is an hour old. */
  readonly freeInSeconds: number;
}

/** Counts the uses of a share within the last hour, at most `limit`, in the owner's tenant. */
export async function countRecentUses(tx: Tx, shareId: string, limit: number): Promise<RecentUses> {
  const [row] = await tx.execute<RecentUses>(
    named(
      "countRecentUsesOfShare",
      sql`select count(*)::int as count,
            coalesce(greatest(1, ceil(extract(epoch from min(u.created_at) + interval '1 hour' - clock_timestamp()))), 1)::int as "freeInSeconds"
            from (select created_at from workflows.definition_share_uses
                   where tenant_id = app.tenant() and share_id = ${shareId}::uuid and created_at > clock_timestamp() - interval '1 hour'
                   order by created_at desc limit ${limit}::int) u`,
    ),
  );
  return row ?? { count: 0, freeInSeconds: 1 };
}

/** Status and outputs of something that was started in another tenant. */
interface StartedRun extends Record<string, unknown> {
  readonly use_id: string;
  readonly status: string;
  readonly outputs: Record<string, unknown> | null;
  readonly finished_at: string | null;
}

/** Returns what the owners show of the runs that the tenant has started. */
export const selectStartedRuns = (tx: Tx, ids: readonly string[]): Promise<StartedRun[]> =>
  tx.execute<StartedRun>(
    named(
      "selectStartedRuns",
      sql`select use_id, status, outputs, finished_at from workflows.shared_results(${sql.param([...ids])}::uuid[])`,
    ),
  );

/** Returns for whom instances of the tenant were started, for those that another tenant has started. */
export const selectUsesOfInstances = (tx: Tx, instanceIds: readonly string[]): Promise<UseRow[]> =>
  named(
    "selectUsesOfInstances",
    tx
      .select()
      .from(uses)
      .where(and(eq(uses.tenantId, sql`app.tenant()`), among(uses.instanceId, instanceIds))),
  );

/** Returns from whom versions of definitions of the tenant were copied. */
export const selectUsesOfDefinitions = (tx: Tx, definitionIds: readonly string[]): Promise<UseRow[]> =>
  named(
    "selectUsesOfDefinitions",
    tx
      .select()
      .from(uses)
      .where(and(eq(uses.tenantId, sql`app.tenant()`), among(uses.definitionId, definitionIds))),
  );

/** Returns whether a version of a definition of the tenant was copied from the definition of a tenant. */
export async function isCopyOf(tx: Tx, { key, shareId }: { readonly key: string; readonly shareId: string }): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(
    named(
      "isCopyOfShared",
      sql`select exists (
            select from workflows.definition_shares s
              join workflows.definition_shares o on o.tenant_id = s.tenant_id and o.side = 'RECIPIENT'
               and o.partner_id = s.partner_id and o.definition_key = s.definition_key
              join workflows.definition_share_uses u on u.tenant_id = o.tenant_id and u.share_id = o.id
              join workflows.definitions d on d.tenant_id = u.tenant_id and d.id = u.definition_id
             where s.tenant_id = app.tenant() and s.id = ${shareId}::uuid and d.key = ${key}) as found`,
    ),
  );
  return row?.found ?? false;
}
