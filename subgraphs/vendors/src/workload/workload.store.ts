import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { eq } from "drizzle-orm";

const { users } = identity;

/** Returns whether the user exists in the tenant, active or not. */
export async function isUser(tx: Tx, id: string): Promise<boolean> {
  const rows = await named("isUser", tx.select({ id: users.id }).from(users).where(eq(users.id, id)));
  return rows.length > 0;
}
