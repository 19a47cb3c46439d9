import { runSubgraph } from "@weft/api/subgraph";
import { auditSubgraph } from "./schema.js";

await runSubgraph(auditSubgraph());
