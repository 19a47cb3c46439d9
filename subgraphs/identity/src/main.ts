import { runSubgraph } from "@weft/shared";
import { identitySubgraph } from "./schema.js";

await runSubgraph(identitySubgraph());
