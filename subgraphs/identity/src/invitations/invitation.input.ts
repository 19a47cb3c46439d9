import { column, columns, createInputOf } from "@weft/api/columns";
import { Field, ID, InputType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import { belongingColumns } from "../users/user.type.js";

const inviteColumns = columns({
  email: column.text("Email address for the invitation. Unique in the tenant, ignoring case."),
  username: column.text(
    "User name for logins, as an alternative to the email address. Default: the part before the @, or the email address if that is taken.",
    { optional: true },
  ),
  name: column.text("Display name until the user chooses another one (1 to 200 characters)."),
  ...belongingColumns,
  message: column.text("Message quoted in the email (at most 1000 characters).", { optional: true }),
  ...identityColumns.idempotencyKey("returns the same user, and no second mail"),
});

export const InviteUserInput = createInputOf(
  "InviteUserInput",
  inviteColumns,
  "A user to invite. Reference roles and teams by ID or by key.",
);
export type InviteUserInput = InstanceType<typeof InviteUserInput>;

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
