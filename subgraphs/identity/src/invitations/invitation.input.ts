import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "A user to invite. Reference roles and teams by ID or by key." })
export class InviteUserInput {
  @Field(() => String, { description: "Email address for the invitation. Unique in the tenant, ignoring case." })
  email!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "User name for logins, as an alternative to the email address. Default: the part before the @, or the email address if that is taken.",
  })
  username?: string | null;

  @Field(() => String, { description: "Display name until the user chooses another one (1 to 200 characters)." })
  name!: string;

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

  @Field(() => String, { nullable: true, description: "Message quoted in the email (at most 1000 characters)." })
  message?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same user, and no second mail.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `resendInvitation`." })
export class ResendInvitationInput {
  @Field(() => ID, { description: "User with the status INVITED." })
  userId!: string;

  @Field(() => String, { nullable: true, description: "Message quoted in the email (at most 1000 characters)." })
  message?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input sends no second email.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `acceptInvitation`." })
export class AcceptInvitationInput {
  @Field(() => String, { description: "Token from the email (`win_…`)." })
  token!: string;

  @Field(() => String, { nullable: true, description: "Display name (default: the name in the invitation)." })
  name?: string | null;

  @Field(() => String, { description: "Password (at most 256 characters)." })
  password!: string;
}
