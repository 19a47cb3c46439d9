import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { RoleFilter, RoleOrder } from "./role.filter.js";
import { PermissionEntry, PermissionScope, Role } from "./role.type.js";

export const { Connection: RoleConnection } = connectionOf(Role);

@ArgsType()
export class RolesArgs extends ConnectionArgs {
  @Field(() => RoleFilter.Input, { nullable: true, description: "Only roles that meet this." })
  filter?: FilterValue | null;

  @Field(() => RoleOrder.Input, { nullable: true, description: "By key when nothing is said." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A permission with the scope in which it is granted." })
export class PermissionGrantInput {
  @Field(() => String, { description: "A name of `permissions`." })
  permission!: string;

  @Field(() => PermissionScope, { description: "How far it reaches." })
  scope!: PermissionScope;
}

@InputType({ description: "What `createPermission` takes." })
export class CreatePermissionInput {
  @Field(() => String, {
    description:
      "`custom.` with a name of letters and digits that begins with a lower-case letter: `custom.approveBudget`; unique in the tenant.",
  })
  name!: string;

  @Field(() => String, { description: "What it is for; 1 to 200 characters." })
  description!: string;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same permission." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createPermission` answers." })
@Allow(inherit)
export class CreatePermissionPayload {
  @Field(() => PermissionEntry, { description: "The permission." })
  permission!: PermissionEntry;
}

@InputType({ description: "What `createRole` takes." })
export class CreateRoleInput {
  @Field(() => String, { description: "Lower-case letters, digits and _; unique in the tenant." })
  key!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "What it is for; at most 2000 characters." })
  description!: string;

  @Field(() => [PermissionGrantInput], { description: "You can grant only what you hold yourself." })
  permissions!: PermissionGrantInput[];

  @Field(() => [ID], {
    nullable: true,
    description: "Roles that it inherits from: whoever has it holds what they grant too, and may be named as them in definitions.",
  })
  parentIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Parents by key, besides those by id." })
  parentKeys?: string[] | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same role." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createRole` answers." })
@Allow(inherit)
export class CreateRolePayload {
  @Field(() => Role, { description: "The role as it is now." })
  role!: Role;
}

@InputType({ description: "What is left out stays." })
export class UpdateRoleInput {
  @Field(() => ID, { description: "The role." })
  id!: string;

  @Field(() => String, { nullable: true, description: "What people call it; 1 to 200 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "What it is for; at most 2000 characters." })
  description?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: "All roles that it inherits from, from now on, together with `parentKeys`; you can add those whose permissions you hold.",
  })
  parentIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Parents by key, besides those by id." })
  parentKeys?: string[] | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `updateRole` answers." })
@Allow(inherit)
export class UpdateRolePayload {
  @Field(() => Role, { description: "The role as it is now." })
  role!: Role;
}

@InputType({ description: "What `deleteRole` takes." })
export class DeleteRoleInput {
  @Field(() => ID, { description: "The role." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `deleteRole` answers." })
@Allow(inherit)
export class DeleteRolePayload {
  @Field(() => ID, { description: "The role that is gone; TypeID, `rol_…`." })
  roleId!: string;
}

@InputType({ description: "What `setRolePermissions` takes." })
export class SetRolePermissionsInput {
  @Field(() => ID, { description: "The role." })
  roleId!: string;

  @Field(() => [PermissionGrantInput], {
    description: "Everything that the role grants from now on; you can add only what you hold yourself.",
  })
  permissions!: PermissionGrantInput[];

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `setRolePermissions` answers." })
@Allow(inherit)
export class SetRolePermissionsPayload {
  @Field(() => Role, { description: "The role as it is now." })
  role!: Role;
}
