import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { lockTenant, updateTenantRow } from "./tenant.store.js";

/** Records that a user of the tenant has confirmed an email address. Locks the tenant even if it is already verified. */
export async function verifyTenant(tx: Tx, meta: WriteMeta): Promise<void> {
  const { tenantId } = meta;
  const before = await lockTenant(tx, tenantId);
  if (!before || before.isVerified) return;
  const after = await updateTenantRow(tx, { tenantId, changes: { isVerified: true } });
  await writeAudit(tx, meta, [{ action: "tenant.verify", entityType: "tenant", entityId: tenantId, before, after }]);
  await appendEvents(tx, meta, [
    { type: "tenant.updated", subjectId: tenantId, subjectVersion: after.version, payload: { changed: ["isVerified"] } },
  ]);
}
