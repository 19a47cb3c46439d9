import { JsonScalar } from "@weft/api/scalars";
import { Field, InputType } from "type-graphql";

@InputType({ description: "Input of `submitRequestByLink`." })
export class SubmitRequestByLinkInput {
  @Field(() => String, { description: "Token of the link (`wrl_…`)." })
  token!: string;

  @Field(() => JsonScalar, { description: "Values of the form of `requestFormByLink`." })
  data!: Record<string, unknown>;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, for example random characters. Repeating the call with the same key creates no second request.",
  })
  idempotencyKey?: string | null;
}
