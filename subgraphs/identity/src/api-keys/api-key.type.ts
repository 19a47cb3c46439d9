import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import { PermissionGrant, PermissionGrantInput } from "../roles/role.type.js";
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

const networks =
  "Networks (CIDR, for example `192.0.2.0/24`) or addresses from which the key can be used. Empty: from everywhere. `::/0` has no IPv4 addresses.";

const apiKeyColumns = columns({
  ...standardColumns.id("ID (`key_…`). It is also the `client_id` at `/oauth/token`.", "The API key."),
  name: column.text("Display name.", { max: 200 }),
  userId: column.id("Service account that the key is for. Omit it for a key of your own.", {
    shown: false,
    updated: false,
    optional: true,
  }),
  ...column.shownOnly({
    hint: column.text("Last four characters of the key, by which you recognize it."),
    status: column.of(() => ApiKeyStatus, "Status."),
  }),
  permissions: column.pair(
    () => [PermissionGrant],
    () => [PermissionGrantInput],
    "Permissions of the key. Those that its user does not have are without effect.",
    {
      created:
        "Permissions of the key, at least one. You must have them yourself; for a service account, in the whole tenant. With permissions for tasks and workflows, the key decides in all roles and teams of its user.",
      updated: "All permissions of the key, at least one. You must have those that you add, as with `createApiKey`.",
    },
  ),
  allowedAddresses: column.texts("Networks (CIDR) from which the key can be used. Empty if it can be used from everywhere.", {
    created: networks,
    optional: true,
  }),
  operationsPerMinute: column.int("Maximum number of operations per minute. Null if only the limit of the tenant applies.", {
    nullable: true,
    created: "Maximum number of operations per minute.",
    updated: "Maximum number of operations per minute. Null removes the limit.",
  }),
  expiresAt: column.time("Expiry. Null if the key does not expire.", {
    nullable: true,
    created: "Expiry. Omit it for a key that does not expire.",
    updated: "Expiry. Null: the key does not expire.",
  }),
  ...column.shownOnly({
    lastUsedAt: column.time("Time of the last use, up to a minute too early. Null if it was never used.", { nullable: true }),
    lastUsedAddress: column.text("IP address of the last recorded use.", { nullable: true }),
    rotatedAt: column.time("Time of the last rotation.", { nullable: true }),
    previousSecretExpiresAt: column.time("Time until which the key that was replaced last also works. Null if there is none.", {
      nullable: true,
    }),
    revokedAt: column.time("Time of the revocation.", { nullable: true }),
    version: column.int("Version number, incremented on every change."),
  }),
  ...identityColumns.idempotencyKey("returns the same API key, without its secret"),
  ...standardColumns.expectedVersion,
  ...standardColumns.times,
});

@ShowColumns(apiKeyColumns)
@ObjectType({
  description:
    "An API key, with which a program acts as a user. It can do what both its permissions and the current rights of its user allow. The key itself is shown only once.",
})
@Allow(inherit)
export class ApiKey extends shapeOf(apiKeyColumns) {
  /** UUIDs, for field resolvers. */
  userUuid!: string;
  createdByUuid!: string;
  revokedByUuid!: string | null;
}

export const CreateApiKeyInput = createInputOf("CreateApiKeyInput", apiKeyColumns, "A new API key.");
export type CreateApiKeyInput = InstanceType<typeof CreateApiKeyInput>;

export const UpdateApiKeyInput = updateInputOf("UpdateApiKeyInput", apiKeyColumns, "Omitted fields keep their values.");
export type UpdateApiKeyInput = InstanceType<typeof UpdateApiKeyInput>;

export const { Connection: ApiKeyConnection } = connectionOf(ApiKey);

/** Converts a row to its API type. */
export function toApiKey(row: KeyRow): ApiKey {
  return Object.assign(new ApiKey(), apiKeyColumns.shown(row), {
    id: encodeId("apiKey", row.id),
    status: row.status as ApiKeyStatus,
    permissions: row.permissions.map(([permission, scope]) =>
      Object.assign(new PermissionGrant(), { permission: permission as Permission, scope: scope as PermissionScope }),
    ),
    previousSecretExpiresAt: isPast(row.previousSecretExpiresAt) ? null : row.previousSecretExpiresAt,
    userUuid: row.userId,
    createdByUuid: row.createdBy,
    revokedByUuid: row.revokedBy,
  });
}

const isPast = (at: string | null): boolean => at !== null && Date.parse(at) <= Date.now();
