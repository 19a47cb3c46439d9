import { announceConfiguration, BadUserInput, decodeId, encodeId, Forbidden, NotFound, reachesAll } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { announceRevocations } from "../revocations.js";
import type { DeactivateTenantInput, ReactivateTenantInput, SetTenantPlanInput, UpdateTenantInput } from "../tenants/tenant.input.js";
import { deactivateTenant, moveOf, reasonProblems, writeTenantStatus } from "../tenants/tenant-status.service.js";
import type { TenantMove } from "../tenants/tenant-status.service.js";
import { nameChange, updateTenant, writeTenantChange } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { recordAtHome } from "./at-home.js";
import { inTenantOf } from "./in-tenant.js";

/** Of one's own tenant with tenant.update, of any with platform.update. @throws NotFound, Forbidden, BadUserInput, Conflict */
export async function updateAnyTenant(ctx: Context, input: UpdateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  if (tenantId === null) return updateTenant(ctx, input);
  const changes = nameChange(input.name);
  const change = { action: "tenant.update", changes, expectedVersion: input.expectedVersion ?? null };
  return operate(ctx, { tenantId, action: change.action }, (tx, meta, before) => writeTenantChange(tx, meta, before, change));
}

/** Of one's own tenant with tenant.update, of any with platform.update. @throws NotFound, Forbidden, BadUserInput, Conflict */
export async function deactivateAnyTenant(ctx: Context, input: DeactivateTenantInput): Promise<TenantRow> {
  const tenantId = otherTenantOf(ctx, input.tenantId);
  return tenantId === null ? deactivateTenant(ctx, input) : move(ctx, tenantId, input, "deactivate");
}

/** Reactivates, archives or restores a tenant. @throws NotFound, BadUserInput, Conflict */
export function moveTenantTo(ctx: Context, input: ReactivateTenantInput, kind: TenantMove["kind"]): Promise<TenantRow> {
  return move(ctx, decodeId("tenant", input.tenantId, "input.tenantId"), input, kind);
}

async function move(
  ctx: Context,
  tenantId: string,
  { reason, expectedVersion = null }: Pick<ReactivateTenantInput, "reason" | "expectedVersion">,
  kind: TenantMove["kind"],
): Promise<TenantRow> {
  assertReason(reason);
  const change = { move: await moveOf(ctx.services, tenantId, kind), reason, expectedVersion };
  const row = await operate(ctx, { tenantId, action: `tenant.${kind}`, reason }, (tx, meta) => writeTenantStatus(tx, meta, change));
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/** The limits of the new plan count from the commit on. @throws NotFound, BadUserInput, Conflict */
export async function setTenantPlan(ctx: Context, input: SetTenantPlanInput): Promise<TenantRow> {
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const { plan, reason, expectedVersion = null } = input;
  assertReason(reason);
  const change = { action: "tenant.setPlan", changes: { plan }, reason: reason.trim(), expectedVersion };
  const { action } = change;
  const row = await operate(ctx, { tenantId, action, reason }, (tx, meta, before) => writeTenantChange(tx, meta, before, change));
  await announceConfiguration(ctx.services, tenantId);
  return row;
}

/** The UUID of another tenant than the viewer's; null for his own, whose administrator he must be. */
function otherTenantOf({ viewer }: Context, id: string | null | undefined): string | null {
  const tenantId = typeof id === "string" ? decodeId("tenant", id, "input.tenantId") : viewer.tenantId;
  if (tenantId !== viewer.tenantId && reachesAll(viewer, "platform.update")) return tenantId;
  // Whether there is another tenant with this id is nobody's business who may not look over tenants.
  if (tenantId !== viewer.tenantId) throw new NotFound("Tenant", encodeId("tenant", tenantId));
  if (!reachesAll(viewer, "tenant.update")) throw new Forbidden("You do not hold the permission tenant.update in scope TENANT.");
  return null;
}

/** A change of a tenant by an operator, with an audit entry there and one at home, in one transaction. */
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
      await recordAtHome(tx, ctx.meta, { action, before, after, ...(reason !== undefined && { reason }) });
    return after;
  });
}

function assertReason(reason: string): void {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
}
