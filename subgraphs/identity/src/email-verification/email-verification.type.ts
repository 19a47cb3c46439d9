import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";

@InputType({ description: "Input of `verifyEmail`." })
export class VerifyEmailInput {
  @Field(() => String, { description: "Token from the email (`wev_…`)." })
  token!: string;
}

@ObjectType({ description: "The email address is verified." })
@Allow(inherit)
export class VerifyEmailPayload {
  @Field(() => String, { description: "Slug of the organization: the `tenant` of a login." })
  slug!: string;
}

@ObjectType({ description: "Payload of `requestEmailVerification`." })
@Allow(inherit)
export class RequestEmailVerificationPayload {
  @Field(() => User, { description: "Your user. `isEmailVerified` says whether an email was needed." })
  user!: User;
}
