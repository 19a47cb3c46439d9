import { performAgent } from "../../agents/work/perform-agent.js";
import { performHttp } from "./http.js";
import type { Performer } from "./performer.js";
import { performWait } from "./wait.js";

/** How the work of each step type is done. `assert` and `set` are not among them: the engine computes them. */
export const PERFORMERS: ReadonlyMap<string, Performer> = new Map<string, Performer>([
  ["agent", performAgent],
  ["http", performHttp],
  ["wait", performWait],
]);
