import type { Context } from "@weft/api/context";
import { loadExternalId } from "@weft/api/external-ids";
import { Allow, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Asset } from "../assets/asset.type.js";
import { Building } from "../buildings/building.type.js";
import { Request } from "../requests/request.type.js";

// Users of a vendor never see external IDs: they are keys to systems of the organization.

@Resolver(() => Request)
export class RequestExternalIdResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "ID of the request in another system, from an import or a mutation. Null if there is none. Only for users of the organization.",
  })
  @Allow(staff)
  externalId(@Root() { row }: Request, @Ctx() ctx: Context): Promise<string | null> {
    return loadExternalId(ctx, row.id);
  }
}

@Resolver(() => Building)
export class BuildingExternalIdResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "ID of the building in another system, from an import or a mutation. Null if there is none. Only for users of the organization.",
  })
  @Allow(staff)
  externalId(@Root() { uuid }: Building, @Ctx() ctx: Context): Promise<string | null> {
    return loadExternalId(ctx, uuid);
  }
}

@Resolver(() => Asset)
export class AssetExternalIdResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "ID of the asset in another system, from an import or a mutation. Null if there is none. Only for users of the organization.",
  })
  @Allow(staff)
  externalId(@Root() { uuid }: Asset, @Ctx() ctx: Context): Promise<string | null> {
    return loadExternalId(ctx, uuid);
  }
}

export const requestExternalIdModule: SubgraphModule = {
  resolvers: { requests: [RequestExternalIdResolver], places: [BuildingExternalIdResolver], assets: [AssetExternalIdResolver] },
};
