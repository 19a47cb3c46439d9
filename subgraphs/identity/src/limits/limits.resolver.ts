import type { RateQuota } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { Allow, authenticated } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, Query, Resolver } from "type-graphql";
import { RateLimit, RateLimitScope, RateLimitUnit } from "./rate-limit.type.js";

@Resolver(() => RateLimit)
export class LimitsResolver {
  @Query(() => [RateLimit], {
    nullable: true,
    description:
      "Rate limits that this operation counts against, and what is left of each: of the user or the API key, of the address, and of the organization. Users of vendors do not see those of the organization.",
  })
  @Allow(authenticated)
  limits(@Ctx() { rateQuotas }: Context): RateLimit[] {
    return rateQuotas.map(toRateLimit);
  }
}

const toRateLimit = ({ scope, unit, field, ...quota }: RateQuota): RateLimit =>
  Object.assign(new RateLimit(), {
    ...quota,
    scope: RateLimitScope[scope],
    unit: RateLimitUnit[unit],
    field: field ?? null,
    remaining: Math.max(0, quota.limit - quota.used),
  });

export const limitsModule: SubgraphModule = { resolvers: { organizations: [LimitsResolver] } };
