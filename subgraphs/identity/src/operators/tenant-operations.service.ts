import { BadUserInput, Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { announceConfiguration } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { recordPlanChange } from "../configuration/calendar-change.js";
import { announceRevocations } from "../revocations.js";
import type { DeactivateTenantInput, SetTenantPlanInput, TenantStatusInput } from "../tenants/tenant.input.js";
import { deactivateTenant, tenantTransitionOf, reasonProblems, writeTenantStatus } from "../tenants/tenant-status.service.js";
import type { TenantTransition } from "../tenants/tenant-status.service.js";
import { nameChange, updateTenant, writeTenantChange } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import type { UpdateTenantInput } from "../tenants/tenant.type.js";
import { recordInPlatformTenant } from "./platform-record.js";
import { inTenantOf } from "./in-tenant.js";

/**
 * For the viewer's own tenant with tenant.update, for any tenant with platform.update.
 * @throws NotFound, Forbidden, BadUserInput, Conflict
 */
export async function updateAnyTenant(ctx: Context, input: UpdateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  if (tenantId === null) return updateTenant(ctx, input);
  const changes = nameChange(input.name);
  const change = { action: "tenant.update", changes, expectedVersion: input.expectedVersion ?? null };
  return operate(ctx, { tenantId, action: change.action }, (tx, meta, before) => writeTenantChange(tx, meta, before, change));
}

/**
 * For the viewer's own tenant with tenant.update, for any tenant with platform.update.
 * @throws NotFound, Forbidden, BadUserInput, Conflict
 */
export async function deactivateAnyTenant(ctx: Context, input: DeactivateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  return tenantId === null ? deactivateTenant(ctx, input) : changeStatus(ctx, tenantId, input, "deactivate");
}

/**
 * Reactivates, archives or restores a tenant.
 * @throws NotFound, BadUserInput, Conflict
 */
export function changeStatusOfTenant(ctx: Context, input: TenantStatusInput, kind: TenantTransition["kind"]): Promise<TenantRow> {
  return changeStatus(ctx, decodeId("tenant", input.tenantId, "input.tenantId"), input, kind);
}

async function changeStatus(
  ctx: Context,
  tenantId: string,
  { reason, expectedVersion = null }: Pick<TenantStatusInput, "reason" | "expectedVersion">,
  kind: TenantTransition["kind"],
): Promise<TenantRow> {
  assertReason(reason);
  const change = { transition: await tenantTransitionOf(ctx.services, tenantId, kind), reason, expectedVersion };
  const row = await operate(ctx, { tenantId, action: `tenant.${kind}`, reason }, (tx, meta) => writeTenantStatus(tx, meta, change));
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/**
 * Changes a tenant's plan. The limits of the new plan apply from the commit on.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function setTenantPlan(ctx: Context, input: SetTenantPlanInput): Promise<TenantRow> {
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const { plan, reason, expectedVersion = null } = input;
  assertReason(reason);
  const change = { action: "tenant.setPlan", changes: { plan }, reason: reason.trim(), expectedVersion };
  const { action } = change;
  const row = await operate(ctx, { tenantId, action, reason }, async (tx, meta, before) => {
    const after = await writeTenantChange(tx, meta, before, change);
    if (after.plan !== before.plan) await recordPlanChange(tx, meta);
    return after;
  });
  await announceConfiguration(ctx.services, tenantId);
  return row;
}

/** Returns the UUID of a tenant other than the viewer's, or null for the viewer's own, which the viewer must be able to administer. */
function otherTenantOf({ viewer }: Context, id: string | null | undefined): string | null {
  const tenantId = typeof id === "string" ? decodeId("tenant", id, "input.tenantId") : viewer.tenantId;
  if (tenantId !== viewer.tenantId && reachesAll(viewer, "platform.update")) return tenantId;
  // Viewers who cannot read all tenants must not learn whether another tenant with this ID exists.
  if (tenantId !== viewer.tenantId) throw new NotFound("Tenant", encodeId("tenant", tenantId));
  if (!reachesAll(viewer, "tenant.update")) throw new Forbidden("You do not have the permission tenant.update in scope TENANT.");
  return null;
}

/** Changes a tenant on behalf of an operator, with audit entries in the tenant and the platform tenant, in one transaction. */
function operate(
  ctx: Context,
  { tenantId, action, reason }: { readonly tenantId: string; readonly action: string; readonly reason?: string },
  change: (tx: Tx, meta: WriteMeta, before: TenantRow) => Promise<TenantRow>,
): Promise<TenantRow> {
  return ctx.inTenant(async (tx) => {
    const { before, after } = await inTenantOf(ctx, tx, tenantId, async (inside, meta, row) => ({
      before: row,
      after: await change(inside, meta, row),
    }));
    if (after.version !== before.version)
      await recordInPlatformTenant(tx, ctx.meta, { action, before, after, ...(reason !== undefined && { reason }) });
    return after;
  });
}

function assertReason(reason: string): void {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
}
