import { sharing } from "@weft/drizzle";
import { among, countRows, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
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

/** What has ended is marked in portions of this size. */
const AT_ONCE = 10_000;

/**
 * Returns how many of the runs of a share are open, at most `limit`, in the owner's tenant. The caller holds the lock of the uses of the share. Only if the
 * limit seems to be reached are the marked ones looked at, so a start costs one short statement, whatever the number of uses.
 */
export async function countOpenUses(tx: Tx, shareId: string, limit: number): Promise<number> {
  let open = await countMarked(tx, shareId, limit);
  while (open >= limit && (await unmarkEnded(tx, shareId)) > 0) open = await countMarked(tx, shareId, limit);
  return open;
}

async function countMarked(tx: Tx, shareId: string, limit: number): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countOpenUsesOfShare",
      sql`select count(*)::int as count from (
            select from workflows.definition_share_uses
             where tenant_id = app.tenant() and share_id = ${shareId}::uuid and is_open limit ${limit}::int) u`,
    ),
  );
  return row?.count ?? 0;
}

/** A use is open until its instance and everything that the instance has started, awaited or not, has ended. */
async function unmarkEnded(tx: Tx, shareId: string): Promise<number> {
  const rows = await tx.execute(
    named(
      "unmarkEndedUsesOfShare",
      sql`update workflows.definition_share_uses set is_open = false
           where tenant_id = app.tenant() and id = any(array(
             select u.id from workflows.definition_share_uses u
              where u.tenant_id = app.tenant() and u.share_id = ${shareId}::uuid and u.is_open and not exists (
                      select from workflows.instances i where i.tenant_id = u.tenant_id and i.id = u.instance_id and i.finished_at is null)
                and not exists (
                      select from workflows.instances c
                       where c.tenant_id = u.tenant_id and c.parent_id is not null and c.ancestors[1] = u.instance_id and c.finished_at is null)
              order by u.id limit ${AT_ONCE}::int))
          returning id`,
    ),
  );
  return rows.length;
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
