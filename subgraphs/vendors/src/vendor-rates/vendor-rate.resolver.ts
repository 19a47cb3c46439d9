import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Vendor, VendorPayload } from "../vendors/vendor.type.js";
import { SetVendorRatesInput } from "./vendor-rate.input.js";
import { setVendorRates } from "./vendor-rate.service.js";
import { findRates, type RateRow } from "./vendor-rate.store.js";
import { toRate, VendorRate } from "./vendor-rate.type.js";

@Resolver(() => Vendor)
export class VendorRateResolver {
  @FieldResolver(() => [VendorRate], { description: "What the vendor charges, past and future rates included. At most 100." })
  @Allow(inherit)
  async rates(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<VendorRate[]> {
    const loader = ctx.loader<string, RateRow[]>("vendors.rates", async (tx, ids) =>
      Map.groupBy(await findRates(tx, ids), (row) => row.vendorId),
    );
    return ((await loader.load(decodeId("vendor", id))) ?? []).map(toRate);
  }

  @Mutation(() => VendorPayload, {
    description:
      "Replaces the rates of a vendor. Errors: NOT_FOUND, BAD_USER_INPUT (also for rates that are valid on the same day), CONFLICT (version).",
  })
  @Allow(can("vendor.update"))
  async setVendorRates(@Arg("input", () => SetVendorRatesInput) input: SetVendorRatesInput, @Ctx() ctx: Context): Promise<VendorPayload> {
    return { vendor: await setVendorRates(ctx, input) };
  }
}

export const vendorRateModule: SubgraphModule = { resolvers: { vendors: [VendorRateResolver] } };
