import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { toVendor, Vendor, VendorPayload } from "../vendors/vendor.type.js";
import { type Availability, findAvailabilityOf, loadOf, setVendorAvailability } from "./availability.service.js";
import { VendorAvailability, VendorCurrentLoad, SetVendorAvailabilityInput } from "./availability.type.js";

@Resolver(() => Vendor)
export class VendorAvailabilityResolver {
  @FieldResolver(() => VendorAvailability, { nullable: true, description: "When the vendor works, and how much work it takes." })
  @Allow(inherit)
  async availability(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<Availability | null> {
    return ctx.loader<string, Availability>("vendors.availability", findAvailabilityOf).load(decodeId("vendor", id));
  }

  @Mutation(() => VendorPayload, {
    description:
      "Sets when a vendor works, and how much work it takes. Assignments that would exceed it fail with `BAD_USER_INPUT`. What is assigned already stays with the vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("vendor.update"))
  async setVendorAvailability(
    @Arg("input", () => SetVendorAvailabilityInput, { description: "The vendor, and what changes." }) input: SetVendorAvailabilityInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await setVendorAvailability(ctx, input)) };
  }
}

@Resolver(() => VendorAvailability)
export class VendorLoadResolver {
  @FieldResolver(() => VendorCurrentLoad, { nullable: true })
  @Allow(staff)
  load(@Root() { vendorId }: VendorAvailability, @Ctx() ctx: Context): Promise<VendorCurrentLoad | null> {
    return loadOf(ctx, vendorId);
  }
}

export const vendorAvailabilityModule: SubgraphModule = { resolvers: { vendors: [VendorAvailabilityResolver, VendorLoadResolver] } };
