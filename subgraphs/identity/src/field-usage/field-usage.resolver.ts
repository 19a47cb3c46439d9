import type { Context } from "@weft/api/context";
import { Allow, anyOf, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { loadTenant } from "../tenants/tenant.loader.js";
import { Tenant } from "../tenants/tenant.type.js";
import { FieldUse, toFieldUse } from "./field-use.type.js";
import { FieldUsageFilter } from "./field-usage.input.js";
import { readFieldUsage } from "./field-usage.service.js";

@Resolver(() => FieldUse)
export class FieldUsageResolver {
  @Query(() => [FieldUse], {
    nullable: true,
    description:
      "Which clients use which elements of the API: deprecated ones first, then the most used, at most 1,000. Counted about once a minute, without operations that have no login. Administrators and developers see their tenant; operators see all tenants. Errors: BAD_USER_INPUT.",
  })
  @Allow(anyOf(canInTenant("platform.read"), canInTenant("fieldUsage.read")))
  async fieldUsage(
    @Arg("filter", () => FieldUsageFilter, { nullable: true, description: "What is counted, and the period." })
    filter: FieldUsageFilter | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<FieldUse[]> {
    return (await readFieldUsage(ctx, filter ?? {})).map(toFieldUse);
  }

  @FieldResolver(() => Tenant, { nullable: true, description: "Tenant whose client it was." })
  @Allow(inherit)
  tenant(@Root() use: FieldUse, @Ctx() ctx: Context): Promise<Tenant | null> {
    return loadTenant(ctx, use.tenantUuid);
  }
}

export const fieldUsageModule: SubgraphModule = { resolvers: { organizations: [FieldUsageResolver] } };
