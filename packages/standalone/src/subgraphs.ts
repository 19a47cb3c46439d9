import { auditSubgraph } from "@weft/audit";
import { identitySubgraph } from "@weft/identity";
import { requestsSubgraph } from "@weft/requests";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import { vendorsSubgraph } from "@weft/vendors";
import { workflowsSubgraph } from "@weft/workflows";

/** The five subgraphs, in the order of the supergraph. */
export function allSubgraphs(options: SubgraphOptions = {}): Subgraph[] {
  return [identitySubgraph, workflowsSubgraph, requestsSubgraph, vendorsSubgraph, auditSubgraph].map((define) => define(options));
}
