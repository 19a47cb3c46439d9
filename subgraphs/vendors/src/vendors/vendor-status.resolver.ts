import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { VendorStatusInput } from "./vendor-status.input.js";
import { blockVendor, deactivateVendor, reinstateVendor, suspendVendor } from "./vendor-status.service.js";
import { toVendor, Vendor, VendorPayload } from "./vendor.type.js";

@Resolver(() => Vendor)
export class VendorStatusResolver {
  @Mutation(() => VendorPayload, {
    description:
      "Suspends a vendor: it gets no new work until it is reinstated, and keeps what it has. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; the vendor has another status).",
  })
  @Allow(can("vendor.approve"))
  async suspendVendor(
    @Arg("input", () => VendorStatusInput, { description: "The vendor and the reason." }) input: VendorStatusInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await suspendVendor(ctx, input)) };
  }

  @Mutation(() => VendorPayload, {
    description:
      "Blocks a vendor: it gets no work again unless it is reinstated, and keeps what it has. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; the vendor has another status).",
  })
  @Allow(can("vendor.approve"))
  async blockVendor(
    @Arg("input", () => VendorStatusInput, { description: "The vendor and the reason." }) input: VendorStatusInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await blockVendor(ctx, input)) };
  }

  @Mutation(() => VendorPayload, {
    description:
      "Reinstates a vendor that was suspended, blocked or deactivated: it gets new work again. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; the vendor has another status).",
  })
  @Allow(can("vendor.approve"))
  async reinstateVendor(
    @Arg("input", () => VendorStatusInput, { description: "The vendor and the reason." }) input: VendorStatusInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await reinstateVendor(ctx, input)) };
  }

  @Mutation(() => VendorPayload, {
    description:
      "Deactivates a vendor. It gets no new work and keeps what it has. Errors: NOT_FOUND, CONFLICT (version; a vendor in onboarding, or a rejected one).",
  })
  @Allow(can("vendor.deactivate"))
  async deactivateVendor(
    @Arg("input", () => VersionedIdInput, { description: "The vendor." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await deactivateVendor(ctx, input)) };
  }
}

export const vendorStatusModule: SubgraphModule = { resolvers: { vendors: [VendorStatusResolver] } };
