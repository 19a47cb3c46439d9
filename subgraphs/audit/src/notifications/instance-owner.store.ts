import { workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
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
