import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";
import { User } from "../users/user.type.js";

@InputType({ description: "Somebody to invite. Roles and teams may be named by id or by key." })
export class InviteUserInput {
  @Field(() => String, { description: "Where the invitation goes; unique in the tenant, whatever the case." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Logs in like the email; the part before the @, or else the email, when left out." })
  username?: string | null;

  @Field(() => String, { description: "What people call the user, until the user says something else; 1 to 200 characters." })
  name!: string;

  @Field(() => ID, { nullable: true, description: "For a VENDOR user: the vendor that it works for." })
  vendorId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: "You can give roles that you have yourself; with role.update all whose permissions you hold.",
  })
  roleIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Roles by key, besides those by id." })
  roleKeys?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Teams that the user is in from the start; teams of yours, with team.update all." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Teams by key, besides those by id." })
  teamKeys?: string[] | null;

  @Field(() => String, { nullable: true, description: "Stands in the mail as a quotation; at most 1000 characters." })
  message?: string | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same user, and no second mail." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `inviteUser` answers." })
@Allow(inherit)
export class InviteUserPayload {
  @Field(() => User, { description: "The user, INVITED." })
  user!: User;
}

@InputType({ description: "What `resendInvitation` takes." })
export class ResendInvitationInput {
  @Field(() => ID, { description: "Somebody who is INVITED." })
  userId!: string;

  @Field(() => String, { nullable: true, description: "Stands in the mail as a quotation; at most 1000 characters." })
  message?: string | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input sends no second mail." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `resendInvitation` answers." })
@Allow(inherit)
export class ResendInvitationPayload {
  @Field(() => User, { description: "The user, INVITED." })
  user!: User;
}

@InputType({ description: "What `revokeInvitation` takes." })
export class RevokeInvitationInput {
  @Field(() => ID, { description: "Somebody who is INVITED." })
  userId!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `revokeInvitation` answers." })
@Allow(inherit)
export class RevokeInvitationPayload {
  @Field(() => User, { description: "The user, DISABLED." })
  user!: User;
}

@InputType({ description: "What `acceptInvitation` takes." })
export class AcceptInvitationInput {
  @Field(() => String, { description: "Of the mail: `win_…`." })
  token!: string;

  @Field(() => String, { nullable: true, description: "What people shall call you; what the invitation says when left out." })
  name?: string | null;

  @Field(() => String, { description: "At most 256 characters." })
  password!: string;
}

@ObjectType({ description: "You are in: a session of the new user." })
@Allow(inherit)
export class AcceptInvitationPayload extends LoginPayload {
  @Field(() => String, { description: "The organisation's short name: the `tenant` of a login." })
  slug!: string;
}
