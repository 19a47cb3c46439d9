import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { nameProblems } from "../users/user-problems.js";
import { findTenantsByIds, insertTenant, lockTenant, updateTenantRow } from "./tenant.store.js";
import type { TenantChanges, TenantRow } from "./tenant.store.js";
import type { UpdateTenantInput } from "./tenant.type.js";

export type { TenantRow } from "./tenant.store.js";
export { findAllTenants, findTakenSlugs, findTenantIdBySlug, insertTenantOnce } from "./tenant.store.js";

/** Inserts the row of a new tenant, in a transaction of that tenant. */
export function writeNewTenant(
  tx: Tx,
  tenant: Pick<TenantRow, "tenantId" | "slug" | "name" | "plan"> & Partial<Pick<TenantRow, "kind" | "isSandbox">>,
): Promise<TenantRow> {
  return insertTenant(tx, tenant);
}

/** Returns the transaction's tenant. Null if there is no tenant with this ID. */
export async function findTenant(tx: Tx, tenantId: string): Promise<TenantRow | null> {
  return (await findTenantsByIds(tx, [tenantId])).get(tenantId) ?? null;
}

/** Returns a tenant that is known to exist, in a transaction of that tenant. */
export async function findWrittenTenant(tx: Tx, tenantId: string): Promise<TenantRow> {
  const row = (await findTenantsByIds(tx, [tenantId])).get(tenantId);
  if (!row) throw new Error(`The tenant ${tenantId} was written but cannot be read.`);
  return row;
}

/** Locks the row of the transaction's tenant for a change. Returns null if the tenant does not exist. */
export function findTenantForChange(tx: Tx, tenantId: string): Promise<TenantRow | null> {
  return lockTenant(tx, tenantId);
}

/**
 * Updates the viewer's own tenant.
 * @throws BadUserInput, Conflict
 */
export async function updateTenant(ctx: Context, { name, expectedVersion }: Omit<UpdateTenantInput, "tenantId">): Promise<TenantRow> {
  const changes = nameChange(name);
  const { tenantId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const before = await lockTenant(tx, tenantId);
    if (!before) throw new NotFound("Tenant", encodeId("tenant", tenantId));
    return writeTenantChange(tx, ctx.meta, before, { action: "tenant.update", changes, expectedVersion: expectedVersion ?? null });
  });
}

/** @throws BadUserInput */
export function nameChange(name: string | null | undefined): Pick<TenantChanges, "name"> {
  if (typeof name !== "string") return {};
  const problems = nameProblems(name);
  if (problems.length > 0) throw new BadUserInput(problems);
  return { name: name.trim() };
}

export interface TenantChange {
  /** Action in the audit log. */
  readonly action: string;
  readonly changes: TenantChanges;
  /** Recorded in the audit log with the new row. */
  readonly reason?: string;
  readonly expectedVersion: number | null;
}

/**
 * Writes a change of a locked tenant with its audit entry and event, in a transaction of that tenant.
 * @throws Conflict (version)
 */
export async function writeTenantChange(
  tx: Tx,
  meta: WriteMeta,
  before: TenantRow,
  { action, changes, reason, expectedVersion }: TenantChange,
): Promise<TenantRow> {
  assertVersion(before, expectedVersion);
  const after = await updateTenantRow(tx, { tenantId: before.tenantId, changes });
  const about = { entityType: "tenant", entityId: before.tenantId } as const;
  await writeAudit(tx, meta, [{ action, ...about, before, after: reason === undefined ? after : { ...after, reason } }]);
  const changed = (["name", "status", "plan"] as const).filter((column) => before[column] !== after[column]);
  await appendEvents(tx, meta, [
    { type: "tenant.updated", subjectId: before.tenantId, subjectVersion: after.version, payload: { changed } },
  ]);
  return after;
}

/** @throws Conflict */
export function assertVersion({ version }: TenantRow, expectedVersion: number | null): void {
  if (expectedVersion === null || expectedVersion === version) return;
  throw new Conflict(`The tenant has version ${version}, not ${expectedVersion}.`, { currentVersion: version });
}
