import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `rateVendor`. A change replaces the stars and the comment." })
export class RateVendorInput {
  @Field(() => ID, { description: "A completed request." })
  requestId!: string;

  @Field(() => Int, { description: "1 (poor) to 5 (excellent)." })
  stars!: number;

  @Field(() => String, { nullable: true, description: "Comment (at most 2,000 characters). Default: none." })
  comment?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether users of the vendor can read the comment. They never see who wrote it.",
  })
  isForVendor!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the rating that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
