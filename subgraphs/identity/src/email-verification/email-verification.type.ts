import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";

@InputType({ description: "What `verifyEmail` takes." })
export class VerifyEmailInput {
  @Field(() => String, { description: "Of the mail: `wev_…`." })
  token!: string;
}

@ObjectType({ description: "The email is yours." })
@Allow(inherit)
export class VerifyEmailPayload {
  @Field(() => String, { description: "The organisation's short name: the `tenant` of a login." })
  slug!: string;
}

@ObjectType({ description: "What `requestEmailVerification` answers." })
@Allow(inherit)
export class RequestEmailVerificationPayload {
  @Field(() => User, { description: "You; `isEmailVerified` says whether there was something to ask." })
  user!: User;
}
