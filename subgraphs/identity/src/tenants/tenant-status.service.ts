import { appendEvents, BadUserInput, Conflict, encodeId, NotFound, writeAudit } from "@weft/shared";
import type { Context, Problem, Tx, WriteMeta } from "@weft/shared";
import { announceRevocations } from "../revocations.js";
import type { DeactivateTenantInput } from "./tenant.input.js";
import { lockTenant, updateTenantRow } from "./tenant.store.js";
import type { TenantRow } from "./tenant.store.js";

export interface StatusChange {
  readonly status: "ACTIVE" | "SUSPENDED";
  /** Goes into the audit log. */
  readonly reason: string;
  readonly expectedVersion?: number | null;
}

const maxReasonLength = 2000;

/** What is wrong with the reason of a change of status, as problems on `input.reason`. */
export function reasonProblems(reason: string): Problem[] {
  const path = "input.reason";
  if (reason.trim() === "") return [{ path, message: "Say why: the reason stands in the audit log." }];
  return reason.length > maxReasonLength ? [{ path, message: `The reason is longer than ${maxReasonLength} characters.` }] : [];
}

/** Suspends the viewer's own tenant. Sessions are kept: they are refused while it lasts. @throws BadUserInput, Conflict */
export async function deactivateTenant(ctx: Context, { reason, expectedVersion }: DeactivateTenantInput): Promise<TenantRow> {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId } = ctx.viewer;
  const row = await ctx.inTenant((tx) =>
    writeTenantStatus(tx, ctx.meta, { status: "SUSPENDED", reason, expectedVersion: expectedVersion ?? null }),
  );
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/**
 * Changes the status with its audit entry and event, in a transaction of the tenant; a tenant that has it already is left alone. The caller
 * announces a revocation of the whole tenant after the commit.
 * @throws Conflict (version, or an archived tenant)
 */
export async function writeTenantStatus(tx: Tx, meta: WriteMeta, { status, reason, expectedVersion }: StatusChange): Promise<TenantRow> {
  const { tenantId } = meta;
  const before = await lockTenant(tx, tenantId);
  if (!before) throw new NotFound("Tenant", encodeId("tenant", tenantId));
  if (typeof expectedVersion === "number" && expectedVersion !== before.version) {
    throw new Conflict(`The tenant has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
  }
  if (before.status === "ARCHIVED") throw new Conflict("The tenant is archived.", { currentState: before.status });
  if (before.status === status) return before;
  const after = await updateTenantRow(tx, { tenantId, changes: { status } });
  const action = status === "ACTIVE" ? "tenant.reactivate" : "tenant.deactivate";
  await writeAudit(tx, meta, [{ action, entityType: "tenant", entityId: tenantId, before, after: { ...after, reason: reason.trim() } }]);
  await appendEvents(tx, meta, [
    { type: "tenant.updated", subjectId: tenantId, subjectVersion: after.version, payload: { changed: ["status"] } },
  ]);
  return after;
}
