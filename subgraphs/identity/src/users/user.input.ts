import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, connectionOf, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { UserFilter, UserOrder } from "./user.filter.js";
import { User } from "./user.type.js";

export const { Connection: UserConnection } = connectionOf(User);

@ArgsType()
export class UsersArgs extends ConnectionArgs {
  @Field(() => UserFilter.Input, { nullable: true, description: "Filter for users." })
  filter?: FilterValue | null;

  @Field(() => UserOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}
