import { defineSubgraph, referencesThrough, type Subgraph, type SubgraphOptions } from "@weft/shared";
import { AssetResolver, BuildingAssetsResolver } from "./assets/asset.resolver.js";
import { BuildingResolver } from "./buildings/building.resolver.js";
import { assetLoader } from "./assets/asset.loader.js";
import { buildingLoader } from "./buildings/building.loader.js";
import { requestTypeLoader } from "./request-types/request-type.loader.js";
import { requestLoader } from "./requests/request.loader.js";
import { Team, User, Vendor } from "./references.js";
import { RequestTypeResolver } from "./request-types/request-type.resolver.js";
import { RequestChangedResolver } from "./requests/request.live.js";
import { RequestStatisticsGroupResolver, RequestStatisticsResolver } from "./statistics/request-statistics.resolver.js";
import { AssetRequestsResolver, BuildingRequestsResolver, RequestResolver } from "./requests/request.resolver.js";

/** The requests subgraph: request types, requests, buildings, assets. */
export const requestsSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    name: "requests",
    resolvers: [
      RequestTypeResolver,
      RequestResolver,
      RequestChangedResolver,
      RequestStatisticsResolver,
      RequestStatisticsGroupResolver,
      BuildingRequestsResolver,
      AssetRequestsResolver,
      BuildingResolver,
      AssetResolver,
      BuildingAssetsResolver,
    ],
    orphanedTypes: [User, Team, Vendor],
    references: {
      Request: referencesThrough(requestLoader),
      RequestType: referencesThrough(requestTypeLoader),
      Building: referencesThrough(buildingLoader),
      Asset: referencesThrough(assetLoader),
    },
    ...options,
  });
