import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Vendor } from "./vendor.type.js";

@InputType({ description: "Input of `startVendorOnboarding`." })
export class StartVendorOnboardingInput {
  @Field(() => ID, { description: "Vendor with the status REJECTED or INACTIVE." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `startVendorOnboarding`." })
@Allow(inherit)
export class StartVendorOnboardingPayload {
  @Field(() => Vendor, { description: "The vendor, with the status ONBOARDING." })
  vendor!: Vendor;
}
