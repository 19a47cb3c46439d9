import { defineSubgraph, joinModules, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import * as modules from "./modules.js";

/** The vendors subgraph: vendors, projects with their plans and scopes, and contracts. */
export function vendorsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    ...joinModules(modules),
    name: "vendors",
  });
}
