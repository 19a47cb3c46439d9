import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { and, eq, isNotNull } from "drizzle-orm";

const { users } = identity;

/** Returns what decides whether a user can log in with a password although single sign-on is required. */
export async function findExemption(tx: Tx, id: string): Promise<{ userType: string; isBreakGlass: boolean } | null> {
  const columns = { userType: users.type, isBreakGlass: users.isBreakGlass };
  const [row] = await named("findExemption", tx.select(columns).from(users).where(eq(users.id, id)));
  return row ?? null;
}

/** Returns whether a break-glass user can log in with a password. */
export async function hasBreakGlassUser(tx: Tx): Promise<boolean> {
  const canLogIn = and(eq(users.isBreakGlass, true), eq(users.status, "ACTIVE"), eq(users.type, "EMPLOYEE"), isNotNull(users.passwordHash));
  return (await named("hasBreakGlassUser", tx.select({ id: users.id }).from(users).where(canLogIn).limit(1))).length > 0;
}
