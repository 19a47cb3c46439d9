import { runSubgraph } from "@weft/shared";
import { workflowsSubgraph } from "./schema.js";

await runSubgraph(workflowsSubgraph());
