import { requests as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, gt, sql } from "drizzle-orm";

const { requests, buildings, assets } = tables;
const { history, instanceHeads } = workflows;

/** Whether a vendor has an instance that is not deleted. */
export async function hasInstance(tx: Tx, id: string, vendorId: string): Promise<boolean> {
  const query = tx
    .select({ id: instanceHeads.id })
    .from(instanceHeads)
    .where(and(eq(instanceHeads.id, id), eq(instanceHeads.assigneeVendorId, vendorId)));
  return (await named("hasInstance", query)).length > 0;
}

/** Whether an instance has been assigned since a version. */
export async function wasAssignedAfter(tx: Tx, instanceId: string, version: number): Promise<boolean> {
  const query = tx
    .select({ version: history.version })
    .from(history)
    .where(and(eq(history.instanceId, instanceId), gt(history.version, version), eq(history.kind, "ASSIGNMENT")))
    .limit(1);
  return (await named("wasAssignedAfter", query)).length > 0;
}

/** Returns the buildings and assets that a vendor can see although no request that it has is about them: it sees them only through requests. */
export async function findUnneededPlaces(tx: Tx, vendorId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findUnneededPlaces",
      sql`select a.object_id as id from app.object_access a
        where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}::uuid
          and (exists (select from ${buildings} b where b.tenant_id = a.tenant_id and b.id = a.object_id)
            or exists (select from ${assets} t where t.tenant_id = a.tenant_id and t.id = a.object_id))
          and not exists (
            select from ${requests} r join ${instanceHeads} i on i.tenant_id = r.tenant_id and i.id = r.instance_id
             where r.tenant_id = a.tenant_id and i.assignee_vendor_id = a.vendor_id and a.object_id in (r.building_id, r.asset_id))`,
    ),
  );
  return rows.map(({ id }) => id);
}
