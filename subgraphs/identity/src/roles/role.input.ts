import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { PermissionScope, Role } from "./role.type.js";

@InputType({ description: "A permission with the scope in which it is granted." })
export class PermissionGrantInput {
  @Field(() => String, { description: "A name of `permissions`." })
  permission!: string;

  @Field(() => PermissionScope)
  scope!: PermissionScope;
}

@InputType()
export class CreateRoleInput {
  @Field(() => String, { description: "Lower-case letters, digits and _; unique in the tenant." })
  key!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { defaultValue: "" })
  description!: string;

  @Field(() => [PermissionGrantInput], { description: "You can grant only what you hold yourself." })
  permissions!: PermissionGrantInput[];

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same role." })
  idempotencyKey?: string | null;
}

@ObjectType()
@Allow(inherit)
export class CreateRolePayload {
  @Field(() => Role)
  role!: Role;
}

@InputType()
export class SetRolePermissionsInput {
  @Field(() => ID)
  roleId!: string;

  @Field(() => [PermissionGrantInput], {
    description: "Everything that the role grants from now on; you can add only what you hold yourself.",
  })
  permissions!: PermissionGrantInput[];

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType()
@Allow(inherit)
export class SetRolePermissionsPayload {
  @Field(() => Role)
  role!: Role;
}
