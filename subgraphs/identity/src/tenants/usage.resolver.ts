import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Tenant } from "./tenant.type.js";
import { loadUsage } from "./usage.service.js";
import { Usage } from "./usage.type.js";

@Resolver(() => Tenant)
export class TenantUsageResolver {
  @FieldResolver(() => [Usage], {
    nullable: true,
    description: "Current usage of the plan's limits. Requires the permission tenant.read.",
  })
  @Allow(can("tenant.read"))
  usage(@Root() { id }: Tenant, @Ctx() ctx: Context): Promise<Usage[] | null> {
    return loadUsage(ctx, decodeId("tenant", id));
  }
}

export const tenantUsageModule: SubgraphModule = { resolvers: { organizations: [TenantUsageResolver] } };
