import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantRow } from "../tenants/tenant.service.js";

/** Records an operator's change of a tenant in the audit log of the platform tenant, which is the tenant of the transaction. */
export async function recordInPlatformTenant(
  tx: Tx,
  meta: WriteMeta,
  { action, before, after, reason }: { action: string; before: TenantRow | null; after: TenantRow; reason?: string },
): Promise<void> {
  const image = reason === undefined ? after : { ...after, reason: reason.trim() };
  await writeAudit(tx, meta, [{ action, entityType: "tenant", entityId: after.tenantId, before, after: image }]);
}
