import { runSubgraph } from "@weft/shared";
import { identitySubgraph } from "./schema.js";
import { shareLoginAttempts } from "./sessions/attempt-limiter-of.js";

await runSubgraph(identitySubgraph(), shareLoginAttempts);
