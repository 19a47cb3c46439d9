import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, exists, isNotNull, ne, notExists, type SQL } from "drizzle-orm";
import { isAdministrator } from "../../rights/is-administrator.js";

const { identityProviders, tenants, users } = identity;

const MAX_NAMED = 10;

/** Returns what decides whether a user can log in with a password although single sign-on is required. */
export async function findExemption(tx: Tx, id: string): Promise<{ userType: string; isBreakGlass: boolean } | null> {
  const columns = { userType: users.type, isBreakGlass: users.isBreakGlass };
  const [row] = await named("findExemption", tx.select(columns).from(users).where(eq(users.id, id)));
  return row ?? null;
}

/** A break-glass user who can log in with a password and then repair the logins of the others. */
const isRescuer = (): SQL | undefined =>
  and(eq(users.isBreakGlass, true), eq(users.type, "EMPLOYEE"), isNotNull(users.passwordHash), isAdministrator());

/** Returns whether a break-glass user is an administrator who can log in with a password. */
export async function hasBreakGlassUser(tx: Tx): Promise<boolean> {
  return (await named("hasBreakGlassUser", tx.select({ id: users.id }).from(users).where(isRescuer()).limit(1))).length > 0;
}

/** Tenants whose logins a setting of operators concerns: one, those of a plan, or all. */
export type ConcernedTenants = { readonly tenantId: string } | { readonly plan: string } | "ALL";

/** Returns the slugs of some tenants that have an active identity provider, and no break-glass user. Runs as weft_auth. */
export async function findTenantsWithoutBreakGlass(tx: Tx, concerned: ConcernedTenants): Promise<string[]> {
  const isConcerned = (): SQL | undefined => {
    if (concerned === "ALL") return undefined;
    return "plan" in concerned ? eq(tenants.plan, concerned.plan) : eq(tenants.tenantId, concerned.tenantId);
  };
  const rescuers = tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenantId, tenants.tenantId), isRescuer()));
  const providers = tx
    .select({ id: identityProviders.id })
    .from(identityProviders)
    .where(and(eq(identityProviders.tenantId, tenants.tenantId), eq(identityProviders.status, "ACTIVE")));
  const rows = await named(
    "findTenantsWithoutBreakGlass",
    tx
      .select({ slug: tenants.slug })
      .from(tenants)
      .where(and(ne(tenants.status, "ARCHIVED"), isConcerned(), exists(providers), notExists(rescuers)))
      .orderBy(asc(tenants.slug))
      .limit(MAX_NAMED),
  );
  return rows.map(({ slug }) => slug);
}
