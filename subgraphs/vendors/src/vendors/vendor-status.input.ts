import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `suspendVendor`, `blockVendor` and `reinstateVendor`." })
export class VendorStatusInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { description: "Reason, for users of the organization (1 to 1,000 characters)." })
  reason!: string;
}
