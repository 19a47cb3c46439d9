import { runSubgraph } from "@weft/shared";
import { requestsSubgraph } from "./schema.js";

await runSubgraph(requestsSubgraph());
