import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, connectionOf, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { RoleFilter, RoleOrder } from "./role.filter.js";
import { PermissionGrantInput, Role } from "./role.type.js";

export const { Connection: RoleConnection } = connectionOf(Role);

@ArgsType()
export class RolesArgs extends ConnectionArgs {
  @Field(() => RoleFilter.Input, { nullable: true, description: "Filter for roles." })
  filter?: FilterValue | null;

  @Field(() => RoleOrder.Input, { nullable: true, description: "Sort order (default: by key)." })
  orderBy?: OrderByValue | null;
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
