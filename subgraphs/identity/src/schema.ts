import { defineSubgraph, joinModules, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import * as modules from "./modules.js";

/** Tenants, users, roles, teams and sessions. */
export function identitySubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    ...joinModules(modules),
    name: "identity",
  });
}
