import { applications as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { UnlistedOperationFilter, UnlistedOperationOrder, UnlistedOperationsArgs } from "./unlisted-operation.list.js";
import { toUnlistedOperation, type UnlistedOperation, UnlistedOperationConnection } from "./unlisted-operation.type.js";

@Resolver()
export class UnlistedOperationResolver {
  @Query(() => UnlistedOperationConnection, {
    nullable: true,
    description:
      "Operations that clients of the tenant have sent although they are not stored, while `security.storedOperations` is REPORT or REQUIRED. Those that nobody has sent for 30 days are deleted. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("application.read"))
  unlistedOperations(
    @Args(() => UnlistedOperationsArgs) args: UnlistedOperationsArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<UnlistedOperation>> {
    return tablePage(ctx, {
      list: "unlistedOperations",
      args,
      table: tables.unlistedOperations,
      where: UnlistedOperationFilter.toSql(args.filter),
      orderBy: UnlistedOperationOrder.resolve(args.orderBy, ["LAST_AT", "DESC"]),
      toNode: toUnlistedOperation,
    });
  }
}

export const unlistedOperationModule: SubgraphModule = { resolvers: { organizations: [UnlistedOperationResolver] } };
