import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Money, toMoney } from "../money/money.type.js";
import type { RateRow } from "./vendor-rate.store.js";

export enum VendorRateUnit {
  HOUR = "HOUR",
  VISIT = "VISIT",
  FIXED = "FIXED",
}
registerEnumType(VendorRateUnit, {
  name: "VendorRateUnit",
  description: "What the amount of a vendor's rate is for.",
  valuesConfig: {
    HOUR: { description: "An hour of work." },
    VISIT: { description: "A visit, whatever it takes." },
    FIXED: { description: "The whole work." },
  },
});

@ObjectType({ description: "What a vendor charges for work. Only for users of the organization and of the vendor." })
@Allow(inherit)
export class VendorRate {
  @Field(() => String, { nullable: true, description: "Category of the work. Null: every category without a rate of its own." })
  category!: string | null;

  @Field(() => VendorRateUnit, { description: "What the amount is for." })
  unit!: VendorRateUnit;

  @Field(() => Money, { description: "The amount." })
  amount!: Money;

  @Field(() => String, { nullable: true, description: "First day (`YYYY-MM-DD`). Null if the rate has no first day." })
  validFrom!: string | null;

  @Field(() => String, { nullable: true, description: "Last day (`YYYY-MM-DD`). Null if the rate has no last day." })
  validUntil!: string | null;
}

/** Converts a row to its API type. */
export const toRate = ({ category, unit, amount, currency, validFrom, validUntil }: RateRow): VendorRate =>
  Object.assign(new VendorRate(), { category, unit, amount: toMoney(amount, currency), validFrom, validUntil });
