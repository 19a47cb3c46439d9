import { type Context, defineSubgraph, type ReferenceLoader, type Subgraph, type SubgraphOptions } from "@weft/shared";
import type DataLoader from "dataloader";
import { AssetResolver, BuildingAssetsResolver } from "./assets/asset.resolver.js";
import { BuildingResolver } from "./buildings/building.resolver.js";
import { assetLoader } from "./assets/asset.loader.js";
import { buildingLoader } from "./buildings/building.loader.js";
import { requestTypeLoader } from "./request-types/request-type.loader.js";
import { requestLoader } from "./requests/request.loader.js";
import { Team, User, Vendor } from "./references.js";
import { RequestTypeResolver } from "./request-types/request-type.resolver.js";
import { RequestChangedResolver } from "./requests/request.live.js";
import { AssetRequestsResolver, BuildingRequestsResolver, RequestResolver } from "./requests/request.resolver.js";

const through =
  (loaderOf: (ctx: Context) => DataLoader<string, object | null>): ReferenceLoader =>
  async (ctx, uuids) =>
    (await loaderOf(ctx).loadMany([...uuids])).map((found) => {
      if (found instanceof Error) throw found;
      return found;
    });

/** The requests subgraph: request types, requests, buildings, assets. */
export const requestsSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    name: "requests",
    resolvers: [
      RequestTypeResolver,
      RequestResolver,
      RequestChangedResolver,
      BuildingRequestsResolver,
      AssetRequestsResolver,
      BuildingResolver,
      AssetResolver,
      BuildingAssetsResolver,
    ],
    orphanedTypes: [User, Team, Vendor],
    references: {
      Request: through(requestLoader),
      RequestType: through(requestTypeLoader),
      Building: through(buildingLoader),
      Asset: through(assetLoader),
    },
    ...options,
  });
