import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { RoleRow } from "./role.store.js";

export enum PermissionScope {
  OWN = "OWN",
  ASSIGNED = "ASSIGNED",
  TEAM = "TEAM",
  BUILDING = "BUILDING",
  TENANT = "TENANT",
}
registerEnumType(PermissionScope, {
  name: "PermissionScope",
  description: "Scope of a permission.",
  valuesConfig: {
    OWN: { description: "Objects that the user created or owns." },
    ASSIGNED: { description: "Objects assigned to the user, to one of the user's teams, or to the vendor that the user works for." },
    TEAM: { description: "Objects of the user's teams." },
    BUILDING: {
      description:
        "Buildings to which the user is assigned, with their spaces, assets, and requests, and the workflows of these. See `assignBuildingUsers`.",
    },
    TENANT: { description: "All objects of the tenant." },
  },
});

/** What happens when a user with the maximum number of sessions logs in. */
export enum SessionLimitPolicy {
  END_OLDEST = "END_OLDEST",
  REFUSE = "REFUSE",
}
registerEnumType(SessionLimitPolicy, {
  name: "SessionLimitPolicy",
  description: "What happens when a user with the maximum number of open sessions logs in.",
  valuesConfig: {
    END_OLDEST: { description: "The sessions that were not used for the longest time end." },
    REFUSE: { description: "The login fails with `LIMIT_EXCEEDED`." },
  },
});

@ObjectType("Permission", { description: "A permission that roles can grant." })
@Allow(inherit)
export class PermissionEntry {
  @Field(() => String, { description: "`resource.action`" })
  name!: string;

  @Field(() => String, { description: "Purpose." })
  description!: string;

  @Field(() => Boolean, { description: "Whether the tenant created it. See `createPermission`." })
  isCustom!: boolean;
}

@ObjectType({ description: "A permission and its scope, as granted by a role." })
@Allow(inherit)
export class PermissionGrant {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "Scope of the permission." })
  scope!: PermissionScope;
}

@ObjectType({ description: "A permission that a role inherits." })
@Allow(inherit)
export class InheritedGrant {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "Scope of the permission." })
  scope!: PermissionScope;

  @Field(() => String, { description: "Key of the role that grants it." })
  grantedBy!: string;
}

@ObjectType({ description: "A named set of permissions. Definitions reference roles by key." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Role {
  readonly uuid!: string;

  @Field(() => ID, { description: "ID (`rol_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique in the tenant, for example `workflow_manager`." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Purpose." })
  description!: string;

  @Field(() => Boolean, { description: "Whether the role is built in. Every tenant has the built-in roles, and their keys cannot change." })
  isBuiltIn!: boolean;

  @Field(() => Boolean, {
    description: "Whether users with the role must have a second factor. Takes effect at their next login or renewal of the session.",
  })
  requiresSecondFactor!: boolean;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum number of open sessions of a user with the role, also by inheritance. The lowest limit of the user's roles and the tenant applies. Takes effect at the user's next login. Null if the role sets none.",
  })
  maxSessions!: number | null;

  @Field(() => SessionLimitPolicy, {
    nullable: true,
    description: "What happens at `maxSessions`. Null if the tenant's setting `security.sessionLimitReached` decides.",
  })
  sessionLimitReached!: SessionLimitPolicy | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion` to detect conflicts." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export function toRole(row: RoleRow): Role {
  const id = encodeId("role", row.id);
  return Object.assign(new Role(), {
    uuid: row.id,
    id,
    nodeKey: id,
    key: row.key,
    name: row.name,
    description: row.description,
    isBuiltIn: row.isBuiltIn,
    requiresSecondFactor: row.requiresSecondFactor,
    maxSessions: row.maxSessions,
    sessionLimitReached: row.sessionLimitReached,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}

export const RolePayload = payloadOf(Role, "role");
export type RolePayload = InstanceType<typeof RolePayload>;
