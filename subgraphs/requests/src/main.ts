import { runSubgraph } from "@weft/api/subgraph";
import { requestsSubgraph } from "./schema.js";

await runSubgraph(requestsSubgraph());
