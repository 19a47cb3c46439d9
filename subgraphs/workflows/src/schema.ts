import { defineSubgraph, type Subgraph, type SubgraphOptions, joinModules } from "@weft/shared";
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
