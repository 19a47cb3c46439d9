import { performAgent } from "../../agents/work/perform-agent.js";
import { performGraphql } from "./graphql.js";
import { performHttp } from "./http.js";
import type { Performer } from "./performer.js";
import { performScript, performShell } from "./program.js";

/** How the work of each step type is done. `assert` and `set` are not among them: the engine computes them. */
export const PERFORMERS: ReadonlyMap<string, Performer> = new Map<string, Performer>([
  ["agent", performAgent],
  ["graphql", performGraphql],
  ["http", performHttp],
  ["script", performScript],
  ["shell", performShell],
]);
