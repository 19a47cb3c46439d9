import { appendEvents, BadUserInput, Conflict, encodeId, NotFound, writeAudit } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { nameProblems } from "../users/user-problems.js";
import type { UpdateTenantInput } from "./tenant.input.js";
import { findTenantsByIds, insertTenant, lockTenant, updateTenantRow } from "./tenant.store.js";
import type { TenantRow } from "./tenant.store.js";

export type { TenantRow } from "./tenant.store.js";
export { findAllTenants, findTakenSlugs, findTenantIdBySlug, insertTenantOnce } from "./tenant.store.js";

/** The row of a new tenant, in a transaction of that tenant. */
export function writeNewTenant(tx: Tx, tenant: Pick<TenantRow, "tenantId" | "slug" | "name" | "plan">): Promise<TenantRow> {
  return insertTenant(tx, tenant);
}

/** A tenant that is known to exist, in a transaction of that tenant. */
export async function findWrittenTenant(tx: Tx, tenantId: string): Promise<TenantRow> {
  const row = (await findTenantsByIds(tx, [tenantId])).get(tenantId);
  if (!row) throw new Error(`The tenant ${tenantId} was written and is not there.`);
  return row;
}

/** Changes the viewer's own tenant. @throws BadUserInput, Conflict */
export async function updateTenant(ctx: Context, { name, expectedVersion }: UpdateTenantInput): Promise<TenantRow> {
  const problems = typeof name === "string" ? nameProblems(name) : [];
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const before = await lockTenant(tx, tenantId);
    if (!before) throw new NotFound("Tenant", encodeId("tenant", tenantId));
    if (typeof expectedVersion === "number" && expectedVersion !== before.version) {
      throw new Conflict(`The tenant has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
    }
    const after = await updateTenantRow(tx, { tenantId, changes: typeof name === "string" ? { name: name.trim() } : {} });
    await writeAudit(tx, ctx.meta, [{ action: "tenant.update", entityType: "tenant", entityId: tenantId, before, after }]);
    await appendEvents(tx, ctx.meta, [
      {
        type: "tenant.updated",
        subjectId: tenantId,
        subjectVersion: after.version,
        payload: { changed: before.name === after.name ? [] : ["name"] },
      },
    ]);
    return after;
  });
}
