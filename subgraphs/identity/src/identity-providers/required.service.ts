import { Forbidden } from "@weft/shared/errors";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { findExemption } from "../users/break-glass/exemption.service.js";
import { hasActiveProvider } from "./identity-provider.store.js";

export { hasActiveProvider };

/**
 * Returns whether the employees of a tenant must log in with an identity provider, unless they are exempt. Without an active provider nobody could, so
 * passwords are accepted then.
 * @param open the transaction that is already open, if there is one
 */
export async function requiresSingleSignOn(services: Services, tenantId: string, open?: Tx): Promise<boolean> {
  if (!(await isSingleSignOnConfigured(services, tenantId))) return false;
  return open ? hasActiveProvider(open) : asTenant(services.databases.app, { tenantId }, "read", hasActiveProvider);
}

/** Returns whether the configuration of a tenant requires single sign-on, which takes effect while a provider is active. */
export const isSingleSignOnConfigured = async (services: Services, tenantId: string): Promise<boolean> =>
  (await effectiveConfigOf(services, tenantId)).security.singleSignOn === "REQUIRED";

/** Whether a user can log in with a password although single sign-on is required. Vendors' users are not users of the tenant's identity provider. */
export const isExemptFromSingleSignOn = ({
  userType,
  isBreakGlass,
}: {
  readonly userType: string;
  readonly isBreakGlass: boolean;
}): boolean => userType !== "EMPLOYEE" || isBreakGlass;

/** Returns whether a user's password is refused, in the transaction that depends on it. */
export async function isPasswordRefused(
  services: Services,
  tx: Tx,
  { tenantId, type, isBreakGlass }: { readonly tenantId: string; readonly type: string; readonly isBreakGlass: boolean },
): Promise<boolean> {
  return !isExemptFromSingleSignOn({ userType: type, isBreakGlass }) && requiresSingleSignOn(services, tenantId, tx);
}

/** Returns whether a user can use a password. Call it outside of transactions. */
export async function arePasswordsAccepted(
  services: Services,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
): Promise<boolean> {
  if (!(await requiresSingleSignOn(services, tenantId))) return true;
  const user = await asTenant(services.databases.app, { tenantId }, "read", (tx) => findExemption(tx, userId));
  return user !== null && isExemptFromSingleSignOn(user);
}

/** Call it outside of transactions. @throws Forbidden if the user cannot use a password */
export async function assertPasswordsAccepted(
  services: Services,
  owner: { readonly tenantId: string; readonly userId: string },
): Promise<void> {
  if (!(await arePasswordsAccepted(services, owner))) throw passwordsRefused();
}

export const passwordsRefused = (): Forbidden =>
  new Forbidden("Your organization requires single sign-on. Log in with its identity provider.");
