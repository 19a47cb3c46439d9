import { defineSubgraph } from "@weft/shared";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import { loadProjects } from "./projects/project.loader.js";
import { ProjectResolver } from "./projects/project.resolver.js";
import { loadVendors } from "./vendors/vendor.loader.js";
import { VendorResolver } from "./vendors/vendor.resolver.js";

/** The vendors subgraph: vendors and projects. */
export function vendorsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    name: "vendors",
    resolvers: [VendorResolver, ProjectResolver],
    references: { Vendor: loadVendors, Project: loadProjects },
  });
}
