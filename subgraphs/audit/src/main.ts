import { runSubgraph } from "@weft/shared";
import { auditSubgraph } from "./schema.js";

await runSubgraph(auditSubgraph());
