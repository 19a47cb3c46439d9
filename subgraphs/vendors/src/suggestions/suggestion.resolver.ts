import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { SuggestVendorsInput } from "./suggestion.input.js";
import { suggestVendors } from "./suggestion.service.js";
import { VendorSuggestions } from "./suggestion.type.js";

@Resolver(() => VendorSuggestions)
export class SuggestionResolver {
  @Query(() => VendorSuggestions, {
    nullable: true,
    description:
      "Vendors for a request or for categories, with the reasons for their ranks, and why other vendors are excluded. Nothing is reserved. Only for users of the organization. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, can("vendor.read")))
  @SizedBy({ by: ["first"], initial: 10, maximum: 100, fields: ["candidates", "excluded"] })
  suggestVendors(
    @Arg("input", () => SuggestVendorsInput, { description: "The work." }) input: SuggestVendorsInput,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: 10,
      description: "Maximum number of candidates, and of excluded vendors (1 to 100).",
    })
    first: number | null,
    @Ctx() ctx: Context,
  ): Promise<VendorSuggestions> {
    return suggestVendors(ctx, input, first ?? 10);
  }
}

export const suggestionModule: SubgraphModule = { resolvers: { vendors: [SuggestionResolver] } };
