import { workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { eq } from "drizzle-orm";

const { instanceHeads } = workflows;

/** Returns the owner of an instance, from the view that workflows exports. Null if the instance does not exist. */
export async function findInstanceOwner(tx: Tx, instanceId: string): Promise<string | null> {
  const [row] = await named(
    "findInstanceOwner",
    tx.select({ ownerId: instanceHeads.ownerId }).from(instanceHeads).where(eq(instanceHeads.id, instanceId)),
  );
  return row?.ownerId ?? null;
}

/** Users who follow an instance. */
export type Involved = Awaited<ReturnType<typeof selectInvolved>>[number];

const selectInvolved = (tx: Tx, instanceId: string) =>
  named(
    "findInvolved",
    tx
      .select({
        ownerId: instanceHeads.ownerId,
        assigneeUserId: instanceHeads.assigneeUserId,
        assigneeVendorId: instanceHeads.assigneeVendorId,
      })
      .from(instanceHeads)
      .where(eq(instanceHeads.id, instanceId)),
  );

/** Returns the owner and the assignee of an instance. Null if it does not exist. */
export async function findInvolved(tx: Tx, instanceId: string): Promise<Involved | null> {
  const [row] = await selectInvolved(tx, instanceId);
  return row ?? null;
}
