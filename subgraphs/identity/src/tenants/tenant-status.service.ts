import { BadUserInput, Conflict, NotFound, type Problem } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { announceRevocations } from "../revocations.js";
import type { DeactivateTenantInput } from "./tenant.input.js";
import { assertVersion, findTenantForChange, writeTenantChange } from "./tenant.service.js";
import type { TenantRow } from "./tenant.service.js";
import type { TenantChanges } from "./tenant.store.js";

/** `retentionDays` is the number of days after which an archived tenant is deleted. */
export type TenantTransition =
  | { readonly kind: "deactivate" | "reactivate" | "restore" }
  | { readonly kind: "archive"; readonly retentionDays: number };

/** Returns the status change, with the tenant's current retention period. */
export async function tenantTransitionOf(services: Services, tenantId: string, kind: TenantTransition["kind"]): Promise<TenantTransition> {
  if (kind !== "archive") return { kind };
  const { retention } = await effectiveConfigOf(services, tenantId);
  return { kind, retentionDays: retention.archivedTenantDays };
}

export interface StatusChange {
  readonly transition: TenantTransition;
  /** Recorded in the audit log. */
  readonly reason: string;
  readonly expectedVersion?: number | null;
}

const maxReasonLength = 2000;

/** Returns the problems of the reason for a status change, with the path `input.reason`. */
export function reasonProblems(reason: string): Problem[] {
  const path = "input.reason";
  if (reason.trim() === "") return [{ path, message: "A reason is required; it is recorded in the audit log." }];
  return reason.length > maxReasonLength ? [{ path, message: `The reason is longer than ${maxReasonLength} characters.` }] : [];
}

/**
 * Suspends the viewer's own tenant. Sessions are kept, but are rejected while the tenant is suspended.
 * @throws BadUserInput, Conflict
 */
export async function deactivateTenant(
  ctx: Context,
  { reason, expectedVersion }: Omit<DeactivateTenantInput, "tenantId">,
): Promise<TenantRow> {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId } = ctx.viewer;
  const row = await ctx.inTenant((tx) =>
    writeTenantStatus(tx, ctx.meta, { transition: { kind: "deactivate" }, reason, expectedVersion: expectedVersion ?? null }),
  );
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/**
 * Changes the status with its audit entry and event, in a transaction of the tenant. A tenant that already has the status is not changed. The caller
 * announces a revocation for the entire tenant after the commit.
 * @throws NotFound, Conflict (version, a change that the current status does not allow, or the platform tenant)
 */
export async function writeTenantStatus(
  tx: Tx,
  meta: WriteMeta,
  { transition, reason, expectedVersion = null }: StatusChange,
): Promise<TenantRow> {
  const before = await findTenantForChange(tx, meta.tenantId);
  if (!before) throw new NotFound("Tenant", encodeId("tenant", meta.tenantId));
  assertVersion(before, expectedVersion);
  const changes = changesOf(transition, before);
  if (changes === null) return before;
  return writeTenantChange(tx, meta, before, { action: `tenant.${transition.kind}`, changes, reason: reason.trim(), expectedVersion });
}

/** Returns null if the tenant already has the status. */
function changesOf(transition: TenantTransition, { kind, status, purgeStartedAt }: TenantRow): TenantChanges | null {
  if (kind === "PLATFORM")
    throw new Conflict("The platform tenant cannot be deactivated, because nobody could reactivate it.", { currentState: status });
  switch (transition.kind) {
    case "deactivate":
      assertNotArchived(status);
      return status === "SUSPENDED" ? null : { status: "SUSPENDED" };
    case "reactivate":
      assertNotArchived(status);
      return status === "ACTIVE" ? null : { status: "ACTIVE" };
    case "archive":
      return status === "ARCHIVED"
        ? null
        : { status: "ARCHIVED", archivedAt: sql`now()`, purgeAt: sql`now() + make_interval(days => ${transition.retentionDays}::int)` };
    case "restore":
      if (status !== "ARCHIVED") return null;
      if (purgeStartedAt !== null)
        throw new Conflict("The tenant is being deleted; some of its data is already gone.", { currentState: status });
      return { status: "ACTIVE", archivedAt: null, purgeAt: null };
    default:
      return transition satisfies never;
  }
}

function assertNotArchived(status: string): void {
  if (status === "ARCHIVED") throw new Conflict("The tenant is archived. Restore it first.", { currentState: status });
}
