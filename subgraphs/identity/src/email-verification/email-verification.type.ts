import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";

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
