import { Field, ID, InputType, Int } from "type-graphql";
import { PermissionGrantInput } from "../roles/role.type.js";

@InputType({ description: "Input of `setUserPermissions`." })
export class SetUserPermissionsInput {
  @Field(() => ID, { description: "The user. You cannot change yourself." })
  userId!: string;

  @Field(() => [PermissionGrantInput], {
    description: "All permissions granted in addition to the roles. You can only add permissions that you have.",
  })
  grants!: PermissionGrantInput[];

  @Field(() => [PermissionGrantInput], {
    description:
      "All permissions denied, regardless of grants. Scope TENANT denies the permission completely; another scope denies it for that scope. You can only lift denials of permissions that you have.",
  })
  denials!: PermissionGrantInput[];

  @Field(() => String, { description: "Reason, stored with new entries (1 to 500 characters)." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the user that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
