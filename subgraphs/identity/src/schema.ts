import { defineSubgraph, joinModules } from "@weft/shared";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import * as modules from "./modules.js";

/** Tenants, users, roles, teams and sessions. */
export function identitySubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    ...joinModules(modules),
    name: "identity",
  });
}
