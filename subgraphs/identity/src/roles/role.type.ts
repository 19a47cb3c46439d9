import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
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

const permissionColumns = columns({
  name: column.text("`resource.action`", {
    created:
      "Name, unique in the tenant: `custom.` followed by letters and digits, starting with a lower-case letter, for example `custom.approveBudget`.",
  }),
  description: column.text("Purpose.", { max: 200 }),
  ...column.shownOnly({ isCustom: column.flag("Whether the tenant created it. See `createPermission`.") }),
  ...identityColumns.idempotencyKey("returns the same permission"),
});

@ShowColumns(permissionColumns)
@ObjectType("Permission", { description: "A permission that roles can grant." })
@Allow(inherit)
export class PermissionEntry extends shapeOf(permissionColumns) {}

export const CreatePermissionInput = createInputOf("CreatePermissionInput", permissionColumns);
export type CreatePermissionInput = InstanceType<typeof CreatePermissionInput>;

@ObjectType({ description: "A permission and its scope, as granted by a role." })
@Allow(inherit)
export class PermissionGrant {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "Scope of the permission." })
  scope!: PermissionScope;
}

@InputType({ description: "A permission and the scope in which it is granted." })
export class PermissionGrantInput {
  @Field(() => String, { description: "Name of the permission. See `permissions`." })
  permission!: string;

  @Field(() => PermissionScope, { description: "Scope of the grant." })
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

const roleColumns = columns({
  ...standardColumns.id("ID (`rol_…`).", "The role."),
  ...standardColumns.nodeKey,
  key: column.text("Key, unique in the tenant, for example `workflow_manager`.", {
    created: "Key, unique in the tenant, for example `team_lead`: lower-case letters, digits, and underscores.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 200 }),
  description: column.text("Purpose.", { max: 2000, initial: "" }),
  ...column.shownOnly({
    isBuiltIn: column.flag("Whether the role is built in. Every tenant has the built-in roles, and their keys cannot change."),
  }),
  permissions: column.of(() => [PermissionGrantInput], "Permissions of the role. You can only grant permissions that you have.", {
    shown: false,
    updated: false,
  }),
  parentIds: column.ids(
    "Roles to inherit from. Users with the role also have the permissions of these roles, and definitions treat them as members of these roles.",
    {
      shown: false,
      updated: "All roles to inherit from, together with `parentKeys`. You can add roles whose permissions you have.",
      optional: true,
    },
  ),
  parentKeys: column.texts("Parent roles by key, in addition to those by ID.", { shown: false, optional: true }),
  requiresSecondFactor: column.flag("Whether users with the role must have a second factor.", {
    shown: "Whether users with the role must have a second factor. Takes effect at their next login or renewal of the session.",
    created: "Whether users with the role must have a second factor. Default: false.",
    updated: "Whether users with the role must have a second factor.",
    optional: true,
  }),
  maxSessions: column.int(
    "Maximum number of open sessions of a user with the role, also by inheritance. The lowest limit of the user's roles and the tenant applies. Takes effect at the user's next login. Null if the role sets none.",
    {
      nullable: true,
      created: "Maximum number of open sessions of a user with the role (1 to 1000). Default: none of the role's own.",
      updated:
        "Maximum number of open sessions of a user with the role (1 to 1000). Null removes the limit. Open sessions stay until the user's next login.",
    },
  ),
  sessionLimitReached: column.of(
    () => SessionLimitPolicy,
    "What happens at `maxSessions`. Null if the tenant's setting `security.sessionLimitReached` decides.",
    {
      nullable: true,
      created: "What happens at `maxSessions`. Default: as the tenant's setting `security.sessionLimitReached` says.",
      updated: "What happens at `maxSessions`. Null: as the tenant's setting `security.sessionLimitReached` says.",
    },
  ),
  ...identityColumns.idempotencyKey("returns the same role"),
  ...standardColumns.expectedVersion,
  ...identityColumns.version,
  ...standardColumns.times,
});

@ShowColumns(roleColumns)
@ObjectType({ description: "A named set of permissions. Definitions reference roles by key." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Role extends shapeOf(roleColumns) {
  readonly uuid!: string;
}

export const CreateRoleInput = createInputOf("CreateRoleInput", roleColumns);
export type CreateRoleInput = InstanceType<typeof CreateRoleInput>;

export const UpdateRoleInput = updateInputOf("UpdateRoleInput", roleColumns, "Omitted fields keep their values.");
export type UpdateRoleInput = InstanceType<typeof UpdateRoleInput>;

export function toRole(row: RoleRow): Role {
  const id = encodeId("role", row.id);
  return Object.assign(new Role(), roleColumns.shown(row), { uuid: row.id, id, nodeKey: id });
}

export const RolePayload = payloadOf(Role, "role");
export type RolePayload = InstanceType<typeof RolePayload>;
