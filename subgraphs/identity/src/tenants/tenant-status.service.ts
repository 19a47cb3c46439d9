import { BadUserInput, Conflict, effectiveConfigOf, encodeId, NotFound } from "@weft/shared";
import type { Context, Problem, Services, Tx, WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import { announceRevocations } from "../revocations.js";
import type { DeactivateTenantInput } from "./tenant.input.js";
import { assertVersion, findTenantForChange, writeTenantChange } from "./tenant.service.js";
import type { TenantRow } from "./tenant.service.js";
import type { TenantChanges } from "./tenant.store.js";

/** Days are those after which an archived tenant is deleted. */
export type TenantMove =
  | { readonly kind: "deactivate" | "reactivate" | "restore" }
  | { readonly kind: "archive"; readonly retentionDays: number };

/** The move with the retention that counts for the tenant at this moment. */
export async function moveOf(services: Services, tenantId: string, kind: TenantMove["kind"]): Promise<TenantMove> {
  if (kind !== "archive") return { kind };
  const { retention } = await effectiveConfigOf(services, tenantId);
  return { kind, retentionDays: retention.archivedTenantDays };
}

export interface StatusChange {
  readonly move: TenantMove;
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
export async function deactivateTenant(
  ctx: Context,
  { reason, expectedVersion }: Omit<DeactivateTenantInput, "tenantId">,
): Promise<TenantRow> {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId } = ctx.viewer;
  const row = await ctx.inTenant((tx) =>
    writeTenantStatus(tx, ctx.meta, { move: { kind: "deactivate" }, reason, expectedVersion: expectedVersion ?? null }),
  );
  await announceRevocations(ctx.services, [{ tenantId }]);
  return row;
}

/**
 * Changes the status with its audit entry and event, in a transaction of the tenant; a tenant that has it already is left alone. The caller
 * announces a revocation of the whole tenant after the commit.
 * @throws NotFound, Conflict (version, a move that this status does not have, or the platform tenant)
 */
export async function writeTenantStatus(
  tx: Tx,
  meta: WriteMeta,
  { move, reason, expectedVersion = null }: StatusChange,
): Promise<TenantRow> {
  const before = await findTenantForChange(tx, meta.tenantId);
  if (!before) throw new NotFound("Tenant", encodeId("tenant", meta.tenantId));
  assertVersion(before, expectedVersion);
  const changes = changesOf(move, before);
  if (changes === null) return before;
  return writeTenantChange(tx, meta, before, { action: `tenant.${move.kind}`, changes, reason: reason.trim(), expectedVersion });
}

/** Null when it is so already. */
function changesOf(move: TenantMove, { kind, status, purgeStartedAt }: TenantRow): TenantChanges | null {
  if (kind === "PLATFORM") throw new Conflict("The platform tenant stays active: nobody could undo it.", { currentState: status });
  switch (move.kind) {
    case "deactivate":
      assertNotArchived(status);
      return status === "SUSPENDED" ? null : { status: "SUSPENDED" };
    case "reactivate":
      assertNotArchived(status);
      return status === "ACTIVE" ? null : { status: "ACTIVE" };
    case "archive":
      return status === "ARCHIVED"
        ? null
        : { status: "ARCHIVED", archivedAt: sql`now()`, purgeAt: sql`now() + make_interval(days => ${move.retentionDays}::int)` };
    case "restore":
      if (status !== "ARCHIVED") return null;
      if (purgeStartedAt !== null) throw new Conflict("The tenant is being deleted: parts of it are gone.", { currentState: status });
      return { status: "ACTIVE", archivedAt: null, purgeAt: null };
    default:
      return move satisfies never;
  }
}

function assertNotArchived(status: string): void {
  if (status === "ARCHIVED") throw new Conflict("The tenant is archived: restore it first.", { currentState: status });
}
