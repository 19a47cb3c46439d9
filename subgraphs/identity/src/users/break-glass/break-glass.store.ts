import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { eq } from "drizzle-orm";

const { users } = identity;

export async function isBreakGlassUser(tx: Tx, id: string): Promise<boolean> {
  const [row] = await named("isBreakGlassUser", tx.select({ is: users.isBreakGlass }).from(users).where(eq(users.id, id)));
  return row?.is ?? false;
}
