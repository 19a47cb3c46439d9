import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Tenant } from "../tenants/tenant.type.js";
import { loadTenantTime } from "./tenant-time.loader.js";

@Resolver(() => Tenant)
export class TenantClockResolver {
  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: "The tenant's time: that of its own clock for a sandbox, the true time for all others.",
  })
  now(@Root() { id }: Tenant, @Ctx() ctx: Context): Promise<string | null> {
    return loadTenantTime(ctx, decodeId("tenant", id));
  }
}

export const tenantClockModule: SubgraphModule = { resolvers: { organizations: [TenantClockResolver] } };
