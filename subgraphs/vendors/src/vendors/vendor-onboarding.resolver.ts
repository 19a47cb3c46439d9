import type { Context } from "@weft/api/context";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { toVendor, Vendor, VendorPayload } from "./vendor.type.js";

import { startVendorOnboarding } from "./vendor-onboarding.service.js";

@Resolver(() => Vendor)
export class VendorOnboardingResolver {
  @Mutation(() => VendorPayload, {
    description:
      "Starts another onboarding of a vendor that was rejected or deactivated, with the published definition `vendor-onboarding`. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; the vendor has another status), LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("vendor.create"))
  async startVendorOnboarding(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The vendor." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await startVendorOnboarding(ctx, input)) };
  }
}

export const vendorOnboardingModule: SubgraphModule = { resolvers: { vendors: [VendorOnboardingResolver] } };
