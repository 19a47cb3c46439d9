import { Field, ID, InputType, Int } from "type-graphql";
import { VendorRateInput } from "./vendor-rate.type.js";

@InputType({ description: "Input of `setVendorRates`." })
export class SetVendorRatesInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => [VendorRateInput], {
    description: "All rates (at most 100). Rates for the same category and unit cannot be valid on the same day.",
  })
  rates!: VendorRateInput[];

  @Field(() => Int, {
    nullable: true,
    description: "Version of the vendor that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
