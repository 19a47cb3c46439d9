import { runSubgraph } from "@weft/api/subgraph";
import { vendorsSubgraph } from "./schema.js";

await runSubgraph(vendorsSubgraph());
