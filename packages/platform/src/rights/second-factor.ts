import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";

/**
 * Whether a user must have a second factor: because of the tenant's configuration, or of a role, also an inherited one. Service accounts cannot have
 * one, and neither can the users that stand for platform operators.
 */
export const requiresFactor = (userId: string | AnyPgColumn, { byTenant }: { readonly byTenant: boolean }): SQL<boolean> =>
  sql<boolean>`exists (
    select from identity.users fu where fu.tenant_id = app.tenant() and fu.id = ${userId}::uuid and fu.type not in ('SERVICE', 'OPERATOR') and (${byTenant}::boolean or exists (
      select from identity.user_roles fr
        join identity.role_ancestors fa on fa.tenant_id = fr.tenant_id and fa.role_id = fr.role_id
        join identity.roles r on r.tenant_id = fa.tenant_id and r.id = fa.ancestor_id
       where fr.tenant_id = app.tenant() and fr.user_id = fu.id and r.requires_second_factor)))`;

/** Whether a user has a second factor that a login requires: an authenticator app, or a passkey. */
export const hasFactor = (userId: string | AnyPgColumn): SQL<boolean> =>
  sql<boolean>`(exists (select from identity.second_factors f where f.tenant_id = app.tenant() and f.user_id = ${userId}::uuid and f.confirmed_at is not null)
    or exists (select from identity.passkeys k where k.tenant_id = app.tenant() and k.user_id = ${userId}::uuid))`;

/** Whether a user logs in with a second factor, or must do so, so what an email alone opens would bypass it. */
export const usesFactor = (userId: string | AnyPgColumn, required: { readonly byTenant: boolean }): SQL<boolean> =>
  sql<boolean>`(${hasFactor(userId)} or ${requiresFactor(userId, required)})`;
