import { defineSubgraph, joinModules, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import { Team, User, Vendor } from "./principals/principal.type.js";
import { RequestType, subjectTypes } from "./subjects/subject.type.js";
import * as modules from "./modules.js";

/** Definitions, instances and tasks. */
export function workflowsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    ...joinModules(modules),
    name: "workflows",
    orphanedTypes: [User, Team, Vendor, RequestType, ...subjectTypes],
  });
}
