import { defineSubgraph, joinModules, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import { Contract } from "./files/contract.type.js";
import { VendorDocument } from "./files/vendor-document.type.js";
import { Task } from "./files/task.type.js";
import { Team, User, Vendor } from "./references.js";
import * as modules from "./modules.js";

/** The requests subgraph: request types, requests, buildings, assets. */
export const requestsSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    ...joinModules(modules),
    name: "requests",
    orphanedTypes: [User, Team, Vendor, Task, Contract, VendorDocument],
    ...options,
  });
