import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";

@ArgsType()
export class VendorsArgs extends ConnectionArgs {
  @Field(() => VendorFilter.Input, { nullable: true, description: "Filter for vendors." })
  filter?: FilterValue | null;

  @Field(() => VendorOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}
