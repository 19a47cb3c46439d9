import { Allow, canInTenant } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { toVendor, Vendor } from "./vendor.type.js";
import { StartVendorOnboardingInput, StartVendorOnboardingPayload } from "./vendor-onboarding.input.js";
import { startVendorOnboarding } from "./vendor-onboarding.service.js";

@Resolver(() => Vendor)
export class VendorOnboardingResolver {
  @Mutation(() => StartVendorOnboardingPayload, {
    description:
      "Starts another onboarding of a vendor that was rejected or deactivated, with the published definition `vendor-onboarding`. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; the vendor has another status), LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("vendor.create"))
  async startVendorOnboarding(
    @Arg("input", () => StartVendorOnboardingInput, { description: "The vendor." }) input: StartVendorOnboardingInput,
    @Ctx() ctx: Context,
  ): Promise<StartVendorOnboardingPayload> {
    return { vendor: toVendor(await startVendorOnboarding(ctx, input)) };
  }
}
