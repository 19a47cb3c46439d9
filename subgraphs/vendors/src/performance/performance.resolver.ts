import { vendors as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Request, type RequestStub } from "../references.js";
import { loadVisibleRequest } from "../visible-requests.js";
import { VendorPerformanceFilter } from "./performance.input.js";
import { readLeague, readPerformance, readScorecard } from "./performance.service.js";
import { countWork, listWork, timeOfFigure, type WorkRow } from "./performance.store.js";
import { VendorFigure, VendorLeaguePlace, VendorPerformance, VendorScorecard } from "./performance.type.js";
import { toWork, VendorWork, VendorWorkConnection } from "./work.type.js";

const { work } = tables;
const periodOfFigures = { nullable: true, description: "The period. Default: the last 30 days." } as const;

@Resolver(() => VendorPerformance)
export class VendorPerformanceResolver {
  @Query(() => VendorPerformance, {
    nullable: true,
    description:
      "What a vendor achieved in a period. Users of a vendor see that of their own. Errors: NOT_FOUND, BAD_USER_INPUT (period, time zone).",
  })
  @Allow(can("vendor.read"))
  @VendorPortal()
  vendorPerformance(
    @Arg("vendorId", () => ID, { description: "The vendor." }) vendorId: string,
    @Arg("filter", () => VendorPerformanceFilter, periodOfFigures) filter: VendorPerformanceFilter | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<VendorPerformance> {
    return readPerformance(ctx, vendorId, filter ?? {});
  }

  @Query(() => [VendorLeaguePlace], {
    nullable: true,
    description: "Vendors by score, the highest first. Only for users of the organization. Errors: BAD_USER_INPUT (period, time zone).",
  })
  @Allow(allOf(staff, can("vendor.read")))
  vendorLeague(
    @Arg("filter", () => VendorPerformanceFilter, periodOfFigures) filter: VendorPerformanceFilter | null | undefined,
    @Arg("category", () => String, { nullable: true, description: "Only vendors with this category." }) category: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<VendorLeaguePlace[]> {
    return readLeague(ctx, filter ?? {}, { category: category ?? null, first: maxPlaces });
  }

  @Query(() => VendorScorecard, {
    nullable: true,
    description:
      "The figures of a vendor next to the medians of all vendors. The configuration `vendors.scoreWeights` has the weights of the score. Only for users of the organization. Errors: NOT_FOUND, BAD_USER_INPUT (period, time zone).",
  })
  @Allow(allOf(staff, can("vendor.read")))
  vendorScorecard(
    @Arg("vendorId", () => ID, { description: "The vendor." }) vendorId: string,
    @Arg("filter", () => VendorPerformanceFilter, periodOfFigures) filter: VendorPerformanceFilter | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<VendorScorecard> {
    return readScorecard(ctx, vendorId, filter ?? {});
  }
}

/** Places of a league. */
const maxPlaces = 100;

@Resolver(() => VendorFigure)
export class VendorFigureResolver {
  @FieldResolver(() => VendorWorkConnection, {
    nullable: true,
    description: "The assignments that the figure counts, newest first. Their number is `count`.",
  })
  @Allow(inherit)
  requests(
    @Root() { vendorId, name, period }: VendorFigure,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<VendorWork>> {
    const counted = { vendorId, name, period };
    return keysetPage<WorkRow, VendorWork>(ctx, {
      args,
      list: `vendorFigure.requests ${vendorId} ${name}`,
      orderBy: { name: "TIME", direction: "DESC", ...timeOfFigure[name] },
      id: { column: work.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => listWork(tx, counted, slice)),
      count: () => ctx.read((tx) => countWork(tx, counted)),
      toNode: toWork,
    });
  }
}

@Resolver(() => VendorWork)
export class VendorWorkResolver {
  @FieldResolver(() => Request, { nullable: true, description: "The request. Null if you cannot see it." })
  @Allow(inherit)
  request(@Root() { requestId }: VendorWork, @Ctx() ctx: Context): Promise<RequestStub | null> {
    return loadVisibleRequest(ctx, requestId);
  }
}

export const vendorPerformanceModule: SubgraphModule = {
  resolvers: { vendors: [VendorPerformanceResolver, VendorFigureResolver, VendorWorkResolver] },
};
