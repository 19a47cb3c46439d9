import { liveCursorResolver } from "@weft/api/live";
import type { SubgraphModule } from "@weft/api/subgraph";

export const liveCursorModule: SubgraphModule = { resolvers: { objects: [liveCursorResolver()] } };
