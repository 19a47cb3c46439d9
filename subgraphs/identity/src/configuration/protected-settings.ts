/** Who can change the settings that protect logins, and what automations may do. */
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { reachesAll } from "@weft/shared/viewer";
import type { ConfigurationDocument } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertMayConfigureLogins } from "../identity-providers/identity-provider.service.js";
import {
  type ConcernedTenants,
  findTenantsWithoutBreakGlass,
  hasBreakGlassUser,
  noBreakGlassUser,
} from "../users/break-glass/exemption.service.js";
import type { Place } from "./configuration.store.js";
import type { Change } from "./write-version.js";

const singleSignOn = "security.singleSignOn";

const requiresSingleSignOn = ({ security }: ConfigurationDocument): boolean =>
  typeof security === "object" && security !== null && "singleSignOn" in security && security.singleSignOn === "REQUIRED";

/** Somebody who has found a key must not weaken what protects logins, or let automations do more. @throws Forbidden */
function assertInPerson({ viewer }: Context, { changed }: Change): void {
  if (viewer.apiKey !== null && changed.some((path) => path.startsWith("security.") || isOfProfiles(path)))
    throw new Forbidden("API keys cannot change the settings of security and of automation. Log in as a user.");
}

const isOfProfiles = (path: string): boolean => path === "automation.securityProfile" || path === "automation.ownSecurityProfile";

/**
 * For settings of the viewer's own tenant. Whoever changes whether passwords are accepted needs every permission of an employee, like for the identity
 * providers themselves. Whoever changes the security profile needs the permission to manage profiles.
 * @throws Forbidden, BadUserInput (no break-glass user)
 */
export async function assertMayChangeOwn(ctx: Context, tx: Tx, change: Change): Promise<void> {
  assertInPerson(ctx, change);
  if (change.changed.some(isOfProfiles) && !reachesAll(ctx.viewer, "securityProfile.manage"))
    throw new Forbidden("To change the security profile, you need the permission securityProfile.manage in the whole tenant.");
  if (!change.changed.includes(singleSignOn)) return;
  // Takes the lock under which a break-glass user can be deactivated.
  await assertMayConfigureLogins(ctx, tx);
  if (requiresSingleSignOn(change.document) && !(await hasBreakGlassUser(tx))) throw refused(change, noBreakGlassUser);
}

/** For settings of operators. @throws Forbidden, BadUserInput (tenants without a break-glass user) */
export async function assertMayChangeShared(ctx: Context, place: Place, change: Change): Promise<void> {
  assertInPerson(ctx, change);
  if (!change.changed.includes(singleSignOn) || !requiresSingleSignOn(change.document)) return;
  const slugs = await ctx.services.databases.auth.begin((tx) => findTenantsWithoutBreakGlass(tx, concernedBy(place)), "read");
  if (slugs.length > 0)
    throw refused(change, `Organizations with an identity provider have no break-glass user yet, such as ${slugs.join(", ")}.`);
}

function concernedBy({ level, subject }: Place): ConcernedTenants {
  if (level === "PLAN") return { plan: subject };
  return level === "PLATFORM" ? "ALL" : { tenantId: subject };
}

const refused = ({ root }: Change, message: string): BadUserInput => new BadUserInput([{ path: `${root}.${singleSignOn}`, message }]);
