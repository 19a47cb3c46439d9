import { sql } from "drizzle-orm";
import { isPermission, permissionsHeld, type Scope, type ScopesByPermission, type Viewer } from "@weft/shared/viewer";

/** An API key as read from the database with the rights of its owner. IDs are UUIDs, times are milliseconds since 1970. */
export interface ApiKeyRow {
  readonly id: string;
  readonly version: number;
  readonly permissions: readonly (readonly [string, Scope])[];
  readonly operationsPerMinute: number | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: number | null;
  readonly secretHash: string;
  readonly previousSecretHash: string | null;
  readonly previousSecretExpiresAt: number | null;
}

/** Column of a select as weft_auth in which `k` is a row of identity.api_keys, or null: an `ApiKeyRow` or null. */
export const apiKeyColumn = sql`case when k.id is not null then jsonb_build_object('id', k.id, 'version', k.version, 'permissions', k.permissions,
            'operationsPerMinute', k.operations_per_minute, 'allowedAddresses', to_jsonb(k.allowed_addresses),
            'expiresAt', extract(epoch from k.expires_at) * 1000, 'secretHash', k.secret_hash, 'previousSecretHash', k.previous_secret_hash,
            'previousSecretExpiresAt', extract(epoch from k.previous_secret_expires_at) * 1000) end as api_key`;

type OwnerRights = Pick<Viewer, "permissions" | "ledTeamIds" | "rightsVersion">;

/**
 * Returns what the owner's rights become with a key: permissions that both have. A scope counts if both have it, or if one has it and the other has the
 * permission in the entire tenant. Two different narrow scopes have no common name, so they yield nothing. Denials of the owner remain. What a lead can do
 * in their teams without a permission, a key can do only with team.update.
 */
export function limitedToKey(
  { permissions: owned, ledTeamIds, rightsVersion }: OwnerRights,
  key: ApiKeyRow | null,
  tenantKind: "CUSTOMER" | "PLATFORM",
): OwnerRights & Pick<Viewer, "apiKey"> {
  if (key === null) return { apiKey: null, permissions: owned, ledTeamIds, rightsVersion };
  const ofKey = permissionsHeld(key.permissions, tenantKind);
  const permissions: ScopesByPermission = {};
  for (const [permission, scopes] of Object.entries(ofKey)) {
    const ofOwner = Object.hasOwn(owned, permission) ? owned[permission as keyof ScopesByPermission] : undefined;
    const common = ofOwner === undefined ? [] : commonScopes(ofOwner, scopes);
    if (common.length > 0 && isPermission(permission)) permissions[permission] = common;
  }
  return {
    apiKey: { id: key.id, operationsPerMinute: key.operationsPerMinute },
    permissions,
    ledTeamIds: Object.hasOwn(ofKey, "team.update") ? ledTeamIds : [],
    rightsVersion: `${rightsVersion}/key:${key.id}:${key.version}`,
  };
}

function commonScopes(one: readonly Scope[], other: readonly Scope[]): Scope[] {
  const within = (scopes: readonly Scope[], limits: readonly Scope[]): readonly Scope[] =>
    limits.includes("TENANT") ? scopes : scopes.filter((scope) => limits.includes(scope));
  return [...new Set([...within(one, other), ...within(other, one)])];
}
