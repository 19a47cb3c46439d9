import { runSubgraph } from "@weft/api/subgraph";
import { identitySubgraph } from "./schema.js";
import { shareLoginAttempts } from "./sessions/attempts/attempt-limiter-of.js";

await runSubgraph(identitySubgraph(), { prepare: shareLoginAttempts });
