import { Allow, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { PermissionGrant } from "../roles/role.type.js";
import type { PermissionScope } from "../roles/role.type.js";
import type { KeyRow } from "./api-key.store.js";

export enum ApiKeyStatus {
  ACTIVE = "ACTIVE",
  EXPIRED = "EXPIRED",
  REVOKED = "REVOKED",
}
registerEnumType(ApiKeyStatus, {
  name: "ApiKeyStatus",
  description: "Status of an API key.",
  valuesConfig: {
    ACTIVE: { description: "The key is valid while its user and the tenant are active." },
    EXPIRED: { description: "The key has expired. A later expiry makes it valid again." },
    REVOKED: { description: "The key was revoked, which is final." },
  },
});

@ObjectType({
  description:
    "An API key, with which a program acts as a user. It can do what both its permissions and the current rights of its user allow. The key itself is shown only once.",
})
@Allow(inherit)
export class ApiKey {
  @Field(() => ID, { description: "ID (`key_…`). It is also the `client_id` at `/oauth/token`." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Last four characters of the key, by which you recognize it." })
  hint!: string;

  @Field(() => ApiKeyStatus, { description: "Status." })
  status!: ApiKeyStatus;

  @Field(() => [PermissionGrant], { description: "Permissions of the key. Those that its user does not have are without effect." })
  permissions!: PermissionGrant[];

  @Field(() => [String], { description: "Networks (CIDR) from which the key can be used. Empty if it can be used from everywhere." })
  allowedAddresses!: string[];

  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of operations per minute. Null if only the limit of the tenant applies.",
  })
  operationsPerMinute!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiry. Null if the key does not expire." })
  expiresAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the last use, up to a minute too early. Null if it was never used.",
  })
  lastUsedAt!: string | null;

  @Field(() => String, { nullable: true, description: "IP address of the last recorded use." })
  lastUsedAddress!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last rotation." })
  rotatedAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which the key that was replaced last also works. Null if there is none.",
  })
  previousSecretExpiresAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the revocation." })
  revokedAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for field resolvers. */
  userUuid!: string;
  createdByUuid!: string;
  revokedByUuid!: string | null;
}

export const { Connection: ApiKeyConnection } = connectionOf(ApiKey);

/** Converts a row to its API type. */
export function toApiKey(row: KeyRow): ApiKey {
  const { name, hint, allowedAddresses, operationsPerMinute, expiresAt, lastUsedAt, lastUsedAddress, rotatedAt, revokedAt } = row;
  return Object.assign(new ApiKey(), {
    id: encodeId("apiKey", row.id),
    name,
    hint,
    allowedAddresses,
    operationsPerMinute,
    expiresAt,
    lastUsedAt,
    lastUsedAddress,
    rotatedAt,
    revokedAt,
    status: row.status as ApiKeyStatus,
    permissions: row.permissions.map(([permission, scope]) =>
      Object.assign(new PermissionGrant(), { permission: permission as Permission, scope: scope as PermissionScope }),
    ),
    previousSecretExpiresAt: isPast(row.previousSecretExpiresAt) ? null : row.previousSecretExpiresAt,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    userUuid: row.userId,
    createdByUuid: row.createdBy,
    revokedByUuid: row.revokedBy,
  });
}

const isPast = (at: string | null): boolean => at !== null && Date.parse(at) <= Date.now();
