import { vendors as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import { isOfVendor } from "@weft/platform/access";
import { countRows } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import { Arg, Args, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Request, type RequestStub } from "../references.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { loadVisibleRequest } from "../visible-requests.js";
import { loadRatingOfRequest } from "./rating.loader.js";
import { rateVendor } from "./rating.service.js";
import { listRatings, type RatingRow } from "./rating.store.js";
import { toRating, VendorRating, VendorRatingConnection, VendorRatingPayload, RateVendorInput } from "./rating.type.js";

const { ratings } = tables;

const newestFirst: Order<RatingRow> = {
  name: "CREATED_AT",
  direction: "DESC",
  column: ratings.createdAt,
  valueOf: (row) => row.createdAt,
};

@Resolver(() => VendorRating)
export class RatingResolver {
  @FieldResolver(() => Vendor, { nullable: true, description: "The vendor. Null if you cannot see it." })
  @Allow(inherit)
  vendor(@Root() { vendorId }: VendorRating, @Ctx() ctx: Context): Promise<Vendor | null> {
    return loadVendor(ctx, vendorId);
  }

  @FieldResolver(() => Request, { nullable: true, description: "The request. Null if you cannot see it." })
  @Allow(inherit)
  request(@Root() { requestId }: VendorRating, @Ctx() ctx: Context): Promise<RequestStub | null> {
    return loadVisibleRequest(ctx, requestId);
  }

  @FieldResolver(() => String, { nullable: true })
  comment(@Root() { comment, isForVendor }: VendorRating, @Ctx() ctx: Context): string | null {
    return isForVendor || !isOfVendor(ctx.viewer) ? comment : null;
  }

  @Mutation(() => VendorRatingPayload, {
    description:
      "Rates the vendor that completed a request, once per request and vendor. For 30 days, the same user can change the rating. Errors: NOT_FOUND, BAD_USER_INPUT (not completed by a vendor, too late to change), CONFLICT (another user rated it, another version, idempotency key).",
  })
  @Allow(can("vendor.rate"))
  async rateVendor(@Arg("input", () => RateVendorInput) input: RateVendorInput, @Ctx() ctx: Context): Promise<VendorRatingPayload> {
    return { rating: toRating(await rateVendor(ctx, input)) };
  }
}

/** The field that ratings add to requests. */
@Resolver(() => Request)
export class RequestRatingResolver {
  @FieldResolver(() => VendorRating, {
    nullable: true,
    description:
      "Rating of the vendor that completed the request. The newest one, if several vendors completed it. Null if there is none. Users of a vendor see only ratings of their own vendor. Null with an error if access is refused or the vendors service is unavailable.",
  })
  @Directive('@requires(fields: "id")')
  @Allow(can("request.read"))
  vendorRating(@Root() { nodeKey }: Request, @Ctx() ctx: Context): Promise<VendorRating | null> {
    return loadRatingOfRequest(ctx, decodeId("request", nodeKey));
  }
}

/** Fields that ratings add to vendors. */
@Resolver(() => Vendor)
export class VendorRatingsResolver {
  @FieldResolver(() => VendorRatingConnection, {
    nullable: true,
    description: "Ratings of the vendor, newest first. Users of the vendor do not see who rated it.",
  })
  @Allow(inherit)
  ratings(@Root() { id }: Vendor, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<VendorRating>> {
    const vendorId = decodeId("vendor", id);
    return keysetPage<RatingRow, VendorRating>(ctx, {
      args,
      list: `vendor.ratings ${id}`,
      orderBy: newestFirst,
      id: { column: ratings.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "vendor.ratings",
          args,
          parentId: vendorId,
          slice,
          select: (tx, ids) => listRatings(tx, ids, slice),
          parentOf: (row) => row.vendorId,
        }),
      count: () => ctx.read((tx) => countRows(tx, { name: "countRatings", table: ratings, where: eq(ratings.vendorId, vendorId) })),
      toNode: toRating,
    });
  }
}

export const ratingModule: SubgraphModule = {
  resolvers: { vendors: [RatingResolver, RequestRatingResolver, VendorRatingsResolver] },
  references: {
    // The field that ratings add to a request requires its ID, which only its owner provides. So the owner decides who can see it.
    Request: (_ctx, ids) => Promise.resolve(ids.map(Request.of)),
  },
};
