import { ConnectionArgs, connectionOf } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { RoleFilter, RoleOrder } from "./role.filter.js";
import { PermissionScope, Role, SessionLimitPolicy } from "./role.type.js";

export const { Connection: RoleConnection } = connectionOf(Role);

@ArgsType()
export class RolesArgs extends ConnectionArgs {
  @Field(() => RoleFilter.Input, { nullable: true, description: "Filter for roles." })
  filter?: FilterValue | null;

  @Field(() => RoleOrder.Input, { nullable: true, description: "Sort order (default: by key)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A permission and the scope in which it is granted." })
export class PermissionGrantInput {
  @Field(() => String, { description: "Name of the permission. See `permissions`." })
  permission!: string;

  @Field(() => PermissionScope, { description: "Scope of the grant." })
  scope!: PermissionScope;
}

@InputType({ description: "Input of `createPermission`." })
export class CreatePermissionInput {
  @Field(() => String, {
    description:
      "Name, unique in the tenant: `custom.` followed by letters and digits, starting with a lower-case letter, for example `custom.approveBudget`.",
  })
  name!: string;

  @Field(() => String, { description: "Purpose (1 to 200 characters)." })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same permission.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `createRole`." })
export class CreateRoleInput {
  @Field(() => String, { description: "Key, unique in the tenant, for example `team_lead`: lower-case letters, digits, and underscores." })
  key!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Purpose (at most 2000 characters)." })
  description!: string;

  @Field(() => [PermissionGrantInput], { description: "Permissions of the role. You can only grant permissions that you have." })
  permissions!: PermissionGrantInput[];

  @Field(() => [ID], {
    nullable: true,
    description:
      "Roles to inherit from. Users with the role also have the permissions of these roles, and definitions treat them as members of these roles.",
  })
  parentIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Parent roles by key, in addition to those by ID." })
  parentKeys?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether users with the role must have a second factor. Default: false.",
  })
  requiresSecondFactor?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of open sessions of a user with the role (1 to 1000). Default: none of the role's own.",
  })
  maxSessions?: number | null;

  @Field(() => SessionLimitPolicy, {
    nullable: true,
    description: "What happens at `maxSessions`. Default: as the tenant's setting `security.sessionLimitReached` says.",
  })
  sessionLimitReached?: SessionLimitPolicy | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same role.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Omitted fields keep their values." })
export class UpdateRoleInput {
  @Field(() => ID, { description: "The role." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Purpose (at most 2000 characters)." })
  description?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: "All roles to inherit from, together with `parentKeys`. You can add roles whose permissions you have.",
  })
  parentIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Parent roles by key, in addition to those by ID." })
  parentKeys?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether users with the role must have a second factor.",
  })
  requiresSecondFactor?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum number of open sessions of a user with the role (1 to 1000). Null removes the limit. Open sessions stay until the user's next login.",
  })
  maxSessions?: number | null;

  @Field(() => SessionLimitPolicy, {
    nullable: true,
    description: "What happens at `maxSessions`. Null: as the tenant's setting `security.sessionLimitReached` says.",
  })
  sessionLimitReached?: SessionLimitPolicy | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `setRolePermissions`." })
export class SetRolePermissionsInput {
  @Field(() => ID, { description: "The role." })
  roleId!: string;

  @Field(() => [PermissionGrantInput], {
    description: "All permissions of the role. You can only add permissions that you have.",
  })
  permissions!: PermissionGrantInput[];

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
