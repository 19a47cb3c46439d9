import { Allow, inherit } from "@weft/api/rules";
import { Field, InputType, ObjectType } from "type-graphql";

@InputType({ description: "Input of `changePassword`." })
export class ChangePasswordInput {
  @Field(() => String, { description: "Your current password." })
  currentPassword!: string;

  @Field(() => String, { description: "Your new password. See `security.passwordMinLength` for its length." })
  newPassword!: string;
}

@InputType({ description: "Input of `requestPasswordReset`." })
export class RequestPasswordResetInput {
  @Field(() => String, { description: "Email address or user name." })
  login!: string;

  @Field(() => String, {
    nullable: true,
    description: "Slug of the organization. Required if the login name exists in several, as for `login`.",
  })
  tenant?: string | null;
}

@ObjectType({ description: "The request was accepted." })
@Allow(inherit)
export class RequestPasswordResetPayload {
  @Field(() => String, { description: "What to tell the user. The same for every login name." })
  message!: string;
}

@InputType({ description: "Input of `resetPassword`." })
export class ResetPasswordInput {
  @Field(() => String, { description: "Token from the email (`wpr_…`), or of a login with a temporary password (`wpc_…`)." })
  token!: string;

  @Field(() => String, { description: "The new password. See `security.passwordMinLength` for its length." })
  password!: string;
}
