import { ConnectionArgs } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field } from "type-graphql";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";

@ArgsType()
export class VendorsArgs extends ConnectionArgs {
  @Field(() => VendorFilter.Input, { nullable: true, description: "Filter for vendors." })
  filter?: FilterValue | null;

  @Field(() => VendorOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}
