import { DateTimeScalar, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `createRequestFormLink`." })
export class CreateRequestFormLinkInput {
  @Field(() => ID, { description: "Asset that the requests are about." })
  assetId!: string;

  @Field(() => String, { description: "Key of the type of the requests. You must be able to create such requests yourself." })
  typeKey!: string;

  @Field(() => String, { nullable: true, description: "Note, for example where the QR code hangs (at most 500 characters)." })
  note?: string | null;

  @Field(() => Int, {
    defaultValue: 30,
    description: "Number of requests that the link accepts per hour, 1 to 1,000. More are refused with `RATE_LIMITED`.",
  })
  requestsPerHour!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiration time, in the future. Null if the link does not expire." })
  expiresAt?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

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
