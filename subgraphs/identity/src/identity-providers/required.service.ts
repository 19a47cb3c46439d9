import { asTenant, effectiveConfigOf, Forbidden } from "@weft/shared";
import type { Services, Tx } from "@weft/shared";
import { isBreakGlassUser } from "../users/break-glass/break-glass.service.js";
import { hasActiveProvider } from "./identity-provider.store.js";

/**
 * Returns whether the users of a tenant must log in with an identity provider. Without an active provider nobody could, so passwords are accepted then.
 * @param open the transaction that is already open, if there is one
 */
export async function requiresSingleSignOn(services: Services, tenantId: string, open?: Tx): Promise<boolean> {
  const { security } = await effectiveConfigOf(services, tenantId);
  if (security.singleSignOn !== "REQUIRED") return false;
  return open ? hasActiveProvider(open) : asTenant(services.databases.app, { tenantId }, "read", hasActiveProvider);
}

/** Call it outside of transactions. @throws Forbidden if the user cannot log in with a password */
export async function assertPasswordsAccepted(
  services: Services,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
): Promise<void> {
  if (!(await requiresSingleSignOn(services, tenantId))) return;
  const isBreakGlass = await asTenant(services.databases.app, { tenantId }, "read", (tx) => isBreakGlassUser(tx, userId));
  if (!isBreakGlass) throw new Forbidden("Your organization requires single sign-on. Log in with its identity provider.");
}
