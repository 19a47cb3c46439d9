import { entriesOf, type TenantWideAccess } from "@weft/shared/aggregates";

/** Access to the objects of each type that have no owner, assignee, or team, according to the manifests. */
export const tenantWideAccess: Readonly<Partial<Record<string, TenantWideAccess>>> = entriesOf("tenantWide");
