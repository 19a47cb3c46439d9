/** Which users can log in with a password although single sign-on is required. */
import { Conflict } from "@weft/shared/errors";
import { effectiveConfigIn } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { hasBreakGlassUser } from "./break-glass.store.js";

export { type ConcernedTenants, findExemption, findTenantsWithoutBreakGlass, hasBreakGlassUser } from "./break-glass.store.js";

/** What to do before single sign-on can be required. */
export const noBreakGlassUser =
  "Nobody could help if the identity provider failed. Name a break-glass user first with setBreakGlass: an active administrator with a password.";

/**
 * Call it in the transaction that has taken a break-glass user away, after `lockRights`: whoever requires single sign-on takes the same lock.
 * @throws Conflict if single sign-on is required and no break-glass user is left
 */
export async function assertBreakGlassUserLeft(tx: Tx, tenantId: string): Promise<void> {
  if (await hasBreakGlassUser(tx)) return;
  if ((await effectiveConfigIn(tx, tenantId)).security.singleSignOn === "REQUIRED") throw new Conflict(noBreakGlassUser);
}
