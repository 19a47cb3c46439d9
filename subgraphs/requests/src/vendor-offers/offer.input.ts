import { Field, ID, InputType, Int } from "type-graphql";

const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "Input of `offerToVendor`." })
export class OfferToVendorInput {
  @Field(() => ID, { description: "The request: one that has not ended and has no assignee." })
  requestId!: string;

  @Field(() => ID, { description: "The vendor." })
  vendorId!: string;

  @Field(() => Int, { description: "Minutes in which the vendor can accept (1 to 43,200)." })
  expiresInMinutes!: number;

  @Field(() => String, { description: "What the work is about, for the vendor (1 to 200 characters)." })
  title!: string;

  @Field(() => String, {
    nullable: true,
    description: "Kind of work, for the vendor (1 to 60 characters). Default: the name of the request's type.",
  })
  category?: string | null;

  @Field(() => String, { nullable: true, description: "Note to the vendor (1 to 2,000 characters)." })
  note?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `declineOffer`." })
export class DeclineOfferInput {
  @Field(() => ID, { description: "The offer." })
  id!: string;

  @Field(() => String, { description: "Why (1 to 1,000 characters)." })
  reason!: string;
}
