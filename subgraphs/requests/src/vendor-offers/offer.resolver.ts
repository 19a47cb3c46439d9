import { requests as tables } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { requestLoader } from "../requests/request.loader.js";
import { Request } from "../requests/request.type.js";
import { VendorOfferFilter, VendorOfferOrder } from "./offer.filter.js";
import { offerLoader } from "./offer.loader.js";
import { acceptOffer, declineOffer, offerToVendor } from "./offer.service.js";
import { visibleOffers } from "./offer.store.js";
import { DeclineOfferInput, OfferToVendorInput, toOffer, VendorOffer, VendorOfferConnection, VendorOfferPayload } from "./offer.type.js";

@Resolver(() => VendorOffer)
export class VendorOfferResolver {
  @Query(() => VendorOffer, { nullable: true, description: "An offer of a request to a vendor. Errors: NOT_FOUND." })
  @Allow(can("request.read"))
  @VendorPortal()
  vendorOffer(@Arg("id", () => ID, { description: "The offer." }) id: string, @Ctx() ctx: Context): Promise<VendorOffer> {
    return loadById(ctx, offerLoader, "vendorOffer", id);
  }

  @Query(() => VendorOfferConnection, {
    nullable: true,
    description:
      "Offers of requests to vendors, newest first by default. Users of a vendor see those to their own vendor. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("request.read"))
  @VendorPortal()
  vendorOffers(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => VendorOfferFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => VendorOfferOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<VendorOffer>> {
    return tablePage(ctx, {
      list: "vendorOffers",
      args,
      table: tables.vendorOffers,
      where: and(visibleOffers(ctx.viewer), VendorOfferFilter.toSql(filter, "filter", ctx.viewer)),
      orderBy: VendorOfferOrder.resolve(orderBy, ["OFFERED_AT", "DESC"]),
      toNode: toOffer,
    });
  }

  @FieldResolver(() => Request, { nullable: true })
  @Allow(inherit)
  request(@Root() { requestId }: VendorOffer, @Ctx() ctx: Context): Promise<Request | null> {
    return requestLoader(ctx).load(requestId);
  }

  @Mutation(() => VendorOfferPayload, {
    description:
      "Offers a request without an assignee to a vendor, for a time. The vendor's users are notified. A request can be offered to several vendors: the first one that accepts gets it. Errors: NOT_FOUND, BAD_USER_INPUT (the request has ended or is assigned, the vendor cannot get work or has an open offer of the request), CONFLICT (idempotency key).",
  })
  @Allow(allOf(staff, can("request.assign")))
  async offerToVendor(
    @Arg("input", () => OfferToVendorInput, { description: "The request, the vendor, and what it sees." }) input: OfferToVendorInput,
    @Ctx() ctx: Context,
  ): Promise<VendorOfferPayload> {
    return { offer: toOffer(await offerToVendor(ctx, input)) };
  }

  @Mutation(() => VendorOfferPayload, {
    description:
      "Accepts an offer: the request is assigned to your vendor, and other offers of it are withdrawn. Only for users of the vendor. Errors: NOT_FOUND, CONFLICT (no longer open, idempotency key), BAD_USER_INPUT (the vendor cannot get work, for example because a limit is reached), TRANSITION_REJECTED (the request has ended).",
  })
  @Allow(can("vendorOffer.answer"))
  @VendorPortal()
  async acceptOffer(
    @Arg("input", () => KeyedIdInput, { description: "The offer." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<VendorOfferPayload> {
    return { offer: toOffer(await acceptOffer(ctx, input)) };
  }

  @Mutation(() => VendorOfferPayload, {
    description:
      "Declines an offer, with a reason. Only for users of the vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (no longer open).",
  })
  @Allow(can("vendorOffer.answer"))
  @VendorPortal()
  async declineOffer(
    @Arg("input", () => DeclineOfferInput, { description: "The offer and the reason." }) input: DeclineOfferInput,
    @Ctx() ctx: Context,
  ): Promise<VendorOfferPayload> {
    return { offer: toOffer(await declineOffer(ctx, input)) };
  }
}

export const vendorOfferModule: SubgraphModule = { resolvers: { vendors: [VendorOfferResolver] } };
