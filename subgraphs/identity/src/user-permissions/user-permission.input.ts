import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { PermissionGrantInput } from "../roles/role.input.js";
import { User } from "../users/user.type.js";

@InputType({ description: "What `setUserPermissions` takes." })
export class SetUserPermissionsInput {
  @Field(() => ID, { description: "The user; not yourself." })
  userId!: string;

  @Field(() => [PermissionGrantInput], {
    description: "All that the user is granted beside the roles from now on; you can add only what you hold yourself.",
  })
  grants!: PermissionGrantInput[];

  @Field(() => [PermissionGrantInput], {
    description:
      "All that the user is denied from now on, whatever grants it: in scope TENANT the whole permission, in another one what that scope reaches. You can lift only a denial of what you hold yourself.",
  })
  denials!: PermissionGrantInput[];

  @Field(() => String, { description: "Why; stays with what is new. 1 to 500 characters." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` of the user that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `setUserPermissions` answers." })
@Allow(inherit)
export class SetUserPermissionsPayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}
