import { auditSubgraph } from "@weft/audit";
import { identitySubgraph } from "@weft/identity";
import { requestsSubgraph } from "@weft/requests";
import type { RulesMode } from "@weft/api/rules";
import type { Subgraph, SubgraphOptions } from "@weft/api/subgraph";
import { vendorsSubgraph } from "@weft/vendors";
import { workflowsSubgraph } from "@weft/workflows";

const built = new Map<RulesMode, readonly Subgraph[]>();

/** The five subgraphs, in the order of the supergraph. They contain nothing of one installation, so a process builds them once. */
export function allSubgraphs({ rulesMode = "compiled" }: SubgraphOptions = {}): readonly Subgraph[] {
  const subgraphs =
    built.get(rulesMode) ??
    [identitySubgraph, workflowsSubgraph, requestsSubgraph, vendorsSubgraph, auditSubgraph].map((define) => define({ rulesMode }));
  built.set(rulesMode, subgraphs);
  return subgraphs;
}
