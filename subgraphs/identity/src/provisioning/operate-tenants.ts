import { BadUserInput, quote } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { asTenant } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { announceRevocations } from "../revocations.js";
import { tenantTransitionOf, reasonProblems, writeTenantStatus } from "../tenants/tenant-status.service.js";
import type { TenantTransition } from "../tenants/tenant-status.service.js";
import { findAllTenants, findTenantIdBySlug } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";

/**
 * Suspends, reactivates, archives or restores a tenant on behalf of the operator of an installation, because users of a suspended tenant cannot.
 * Processes that do not share a Redis server with this one notice the change within half a second.
 * @throws BadUserInput (no such tenant, no reason), Conflict (a change that the current status does not allow)
 */
export async function changeTenantStatus(
  services: Services,
  { slug, kind, reason }: { readonly slug: string; readonly kind: TenantTransition["kind"]; readonly reason: string },
): Promise<TenantRow> {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
  const tenantId = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (tenantId === null) throw new BadUserInput([{ path: "slug", message: `No tenant with the slug ${quote(slug)} exists.` }]);
  const meta = operatorMeta(services, tenantId);
  const transition = await tenantTransitionOf(services, tenantId, kind);
  const row = await asTenant(services.databases.app, { tenantId }, "write", (tx) => writeTenantStatus(tx, meta, { transition, reason }));
  await announceRevocations(services, [{ tenantId }]);
  return row;
}

/**
 * Creates the next data key of a tenant, which encrypts the tenant's secrets from then on, and returns its number. Recorded in the audit trail.
 * Existing secrets stay readable with the earlier keys.
 */
export function rotateDataKey(services: Services, tenantId: string): Promise<number> {
  return asTenant(services.databases.app, { tenantId }, "write", async (tx) => {
    const number = await services.secrets.rotate(tx, tenantId);
    const entry = { action: "tenant.rotateDataKey", entityType: "tenant", entityId: tenantId, before: null, after: null } as const;
    await writeAudit(tx, operatorMeta(services, tenantId), [entry]);
    return number;
  });
}

/** The operator of the installation is not a user of any tenant. */
const operatorMeta = ({ keyring }: Services, tenantId: string): WriteMeta => metaOfWork("operator", tenantId, keyring);

/** Returns all tenants of the installation by slug, with their number of users. */
export function listTenants({ databases }: Services): Promise<(TenantRow & { userCount: number })[]> {
  return databases.auth.begin((tx) => findAllTenants(tx), "read");
}
