import type { Context } from "@weft/api/context";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { SetVendorDocumentRequirementsInput } from "./requirement.input.js";
import { setRequirements } from "./requirement.service.js";
import { findRequirements } from "./requirement.store.js";
import { toRequirements, VendorDocumentRequirements } from "./requirement.type.js";
import { VendorDocumentRequirementsPayload } from "./requirement-payload.type.js";

@Resolver(() => VendorDocumentRequirements)
export class VendorDocumentRequirementResolver {
  @Query(() => VendorDocumentRequirements, { nullable: true, description: "The documents that vendors must have to get work." })
  @Allow(canInTenant("vendorDocument.read"))
  async vendorDocumentRequirements(@Ctx() ctx: Context): Promise<VendorDocumentRequirements> {
    return toRequirements(await ctx.read(findRequirements));
  }

  @Mutation(() => VendorDocumentRequirementsPayload, {
    description:
      "Sets the documents that vendors must have to get work. Work that is assigned stays assigned. Errors: BAD_USER_INPUT, CONFLICT (version).",
  })
  @Allow(canInTenant("vendorDocument.review"))
  async setVendorDocumentRequirements(
    @Arg("input", () => SetVendorDocumentRequirementsInput, { description: "The requirements." }) input: SetVendorDocumentRequirementsInput,
    @Ctx() ctx: Context,
  ): Promise<VendorDocumentRequirementsPayload> {
    return { requirements: toRequirements(await setRequirements(ctx, input)) };
  }
}

export const vendorDocumentRequirementModule: SubgraphModule = { resolvers: { vendors: [VendorDocumentRequirementResolver] } };
