import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { ApplicationFilter, ApplicationOrder } from "./application.list.js";

@ArgsType()
export class ApplicationsArgs extends ConnectionArgs {
  @Field(() => ApplicationFilter.Input, { nullable: true, description: "Filter for applications." })
  filter?: FilterValue | null;

  @Field(() => ApplicationOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}
