import { workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { eq } from "drizzle-orm";

const { instanceHeads } = workflows;

/** The owner of an instance, by the view that workflows exports; null when the instance is gone. */
export async function findInstanceOwner(tx: Tx, instanceId: string): Promise<string | null> {
  const [row] = await named(
    "findInstanceOwner",
    tx.select({ ownerId: instanceHeads.ownerId }).from(instanceHeads).where(eq(instanceHeads.id, instanceId)),
  );
  return row?.ownerId ?? null;
}
