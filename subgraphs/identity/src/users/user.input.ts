import { ConnectionArgs, connectionOf } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { UserFilter, UserOrder } from "./user.filter.js";
import { User, UserTypeEnum } from "./user.type.js";

export const { Connection: UserConnection } = connectionOf(User);

@ArgsType()
export class UsersArgs extends ConnectionArgs {
  @Field(() => UserFilter.Input, { nullable: true, description: "Filter for users." })
  filter?: FilterValue | null;

  @Field(() => UserOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A new user. Reference roles and teams by ID or by key." })
export class CreateUserInput {
  @Field(() => String, { description: "Email address for logins. Unique in the tenant, ignoring case." })
  email!: string;

  @Field(() => String, {
    nullable: true,
    description: "User name for logins, as an alternative to the email address. Default: the part before the @.",
  })
  username?: string | null;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Temporary password, which opens no session: users replace it at their first login, see PASSWORD_CHANGE_REQUIRED and `security.temporaryPasswords`. Without a password, the user is INVITED and cannot log in yet.",
  })
  password?: string | null;

  @Field(() => UserTypeEnum, { defaultValue: UserTypeEnum.EMPLOYEE, description: "Kind of user." })
  type!: UserTypeEnum;

  @Field(() => ID, { nullable: true, description: "Vendor that the user works for. For users of the kind VENDOR." })
  vendorId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      "Roles by ID. You can assign roles that you have yourself and, with role.update, all roles whose permissions you have. The roles must be for the kind of user: vendor_user, and roles that inherit from it, are for users of vendors, the other built-in roles for employees.",
  })
  roleIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Roles by key, in addition to those by ID." })
  roleKeys?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Teams of the user. You can use your own teams and, with team.update, all teams." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Teams by key, in addition to those by ID." })
  teamKeys?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same user.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Omitted fields keep their values." })
export class UpdateUserInput {
  @Field(() => ID, { description: "The user." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Email address for logins. Unique in the tenant, ignoring case." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "New user name." })
  username?: string | null;

  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => UserTypeEnum, {
    nullable: true,
    description:
      "Kind of user: EMPLOYEE or VENDOR. The roles must be for this kind: vendor_user, and roles that inherit from it, are for users of vendors, the other built-in roles for employees. Replace them with `roleIds` in the same call. The user's sessions and API keys end.",
  })
  type?: UserTypeEnum | null;

  @Field(() => ID, {
    nullable: true,
    description: "Vendor that the user works for. For users of the kind VENDOR. With another vendor, the user's sessions and API keys end.",
  })
  vendorId?: string | null;

  @Field(() => [ID], { nullable: true, description: "All roles of the user." })
  roleIds?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
