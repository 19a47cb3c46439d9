import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNotNull } from "drizzle-orm";

const { domains, identityProviders, tenants } = identity;

/** Returns the active providers of the active tenant that has verified a domain, oldest first. Runs as weft_auth, before a tenant is known. */
export function findProvidersOfDomain(tx: Tx, domain: string): Promise<{ tenantId: string; id: string; kind: string; name: string }[]> {
  return named(
    "findProvidersOfDomain",
    tx
      .select({
        tenantId: identityProviders.tenantId,
        id: identityProviders.id,
        kind: identityProviders.kind,
        name: identityProviders.name,
      })
      .from(domains)
      .innerJoin(tenants, and(eq(tenants.tenantId, domains.tenantId), eq(tenants.status, "ACTIVE")))
      .innerJoin(identityProviders, and(eq(identityProviders.tenantId, domains.tenantId), eq(identityProviders.status, "ACTIVE")))
      .where(and(eq(domains.name, domain), isNotNull(domains.verifiedAt)))
      .orderBy(asc(identityProviders.createdAt), asc(identityProviders.id)),
  );
}
