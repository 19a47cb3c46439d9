import { runSubgraph } from "@weft/shared";
import { vendorsSubgraph } from "./schema.js";

await runSubgraph(vendorsSubgraph());
