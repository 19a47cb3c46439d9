import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { moneyColumn, toMoney } from "../money/money.type.js";
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

export const rateColumns = columns({
  category: column.text("Category of the work. Null: every category without a rate of its own.", {
    nullable: true,
    created: "Category of the work (1 to 60 characters). Default: every category without a rate of its own.",
  }),
  unit: column.of(() => VendorRateUnit, "What the amount is for."),
  amount: moneyColumn("The amount."),
  validFrom: column.text("First day (`YYYY-MM-DD`). Null if the rate has no first day.", {
    nullable: true,
    created: "First day (`YYYY-MM-DD`). Default: none.",
  }),
  validUntil: column.text("Last day (`YYYY-MM-DD`). Null if the rate has no last day.", {
    nullable: true,
    created: "Last day (`YYYY-MM-DD`). Default: none.",
  }),
});

@ShowColumns(rateColumns)
@ObjectType({ description: "What a vendor charges for work. Only for users of the organization and of the vendor." })
@Allow(inherit)
export class VendorRate extends shapeOf(rateColumns) {}

export const VendorRateInput = createInputOf("VendorRateInput", rateColumns, "What a vendor charges for work.");
export type VendorRateInput = InstanceType<typeof VendorRateInput>;

/** Converts a row to its API type. */
export const toRate = ({ category, unit, amount, currency, validFrom, validUntil }: RateRow): VendorRate =>
  Object.assign(new VendorRate(), { category, unit, amount: toMoney(amount, currency), validFrom, validUntil });
