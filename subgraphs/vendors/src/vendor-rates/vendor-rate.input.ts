import { Field, ID, InputType, Int } from "type-graphql";
import { MoneyInput } from "../money/money.type.js";

import { VendorRateUnit } from "./vendor-rate.type.js";

@InputType({ description: "What a vendor charges for work." })
export class VendorRateInput {
  @Field(() => String, {
    nullable: true,
    description: "Category of the work (1 to 60 characters). Default: every category without a rate of its own.",
  })
  category?: string | null;

  @Field(() => VendorRateUnit, { description: "What the amount is for." })
  unit!: VendorRateUnit;

  @Field(() => MoneyInput, { description: "The amount." })
  amount!: MoneyInput;

  @Field(() => String, { nullable: true, description: "First day (`YYYY-MM-DD`). Default: none." })
  validFrom?: string | null;

  @Field(() => String, { nullable: true, description: "Last day (`YYYY-MM-DD`). Default: none." })
  validUntil?: string | null;
}

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
