import { decodeId } from "@weft/shared/ids";
import { type Context, rowLoader } from "@weft/api/context";
import { Allow, can, inherit } from "@weft/api/rules";
import type { EntityStub, SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Building } from "../references.js";
import { Vendor, VendorPayload } from "../vendors/vendor.type.js";
import { SetVendorServiceAreasInput } from "./service-area.input.js";
import { setVendorServiceAreas } from "./service-area.service.js";
import { findServiceAreas, findVisibleBuildings, type ServiceArea } from "./service-area.store.js";
import { VendorServiceAreas } from "./service-area.type.js";

/** Null for buildings that the viewer cannot see: a reference shows the ID. */
const buildingLoader = rowLoader("vendors.visibleBuilding", findVisibleBuildings, (row): EntityStub => Building.of(row.id));

@Resolver(() => Vendor)
export class ServiceAreaResolver {
  @FieldResolver(() => VendorServiceAreas, { description: "Regions and buildings in which the vendor works." })
  @Allow(inherit)
  async serviceAreas(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<VendorServiceAreas> {
    const loader = ctx.loader<string, ServiceArea[]>("vendors.serviceAreas", async (tx, ids) =>
      Map.groupBy(await findServiceAreas(tx, ids), (row) => row.vendorId),
    );
    const areas = (await loader.load(decodeId("vendor", id))) ?? [];
    const ids = areas.flatMap(({ buildingId }) => (buildingId === null ? [] : [buildingId]));
    const buildings = await Promise.all(ids.map((buildingId) => buildingLoader(ctx).load(buildingId)));
    return Object.assign(new VendorServiceAreas(), {
      regions: areas.flatMap(({ region }) => (region === null ? [] : [region])),
      buildings: buildings.filter((building) => building !== null),
    });
  }

  @Mutation(() => VendorPayload, {
    description:
      "Replaces the regions and buildings in which a vendor works. Errors: NOT_FOUND, BAD_USER_INPUT (also for unknown buildings), CONFLICT (version).",
  })
  @Allow(can("vendor.update"))
  async setVendorServiceAreas(
    @Arg("input", () => SetVendorServiceAreasInput) input: SetVendorServiceAreasInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: await setVendorServiceAreas(ctx, input) };
  }
}

export const serviceAreaModule: SubgraphModule = { resolvers: { vendors: [ServiceAreaResolver] } };
