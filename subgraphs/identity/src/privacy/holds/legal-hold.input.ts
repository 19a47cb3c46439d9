import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { LegalHoldFilter, LegalHoldOrder } from "./legal-hold.list.js";

@ArgsType()
export class LegalHoldsArgs extends ConnectionArgs {
  @Field(() => LegalHoldFilter.Input, { nullable: true, description: "Filter for legal holds." })
  filter?: FilterValue | null;

  @Field(() => LegalHoldOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}
