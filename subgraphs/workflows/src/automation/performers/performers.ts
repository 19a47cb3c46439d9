import type { StepUsage } from "@weft/engine";
import type { Tx } from "@weft/platform/db";
import { countUsage, performAgent } from "../../agents/work/perform-agent.js";
import { performGraphql } from "./graphql.js";
import { performHttp } from "./http.js";
import type { Performer, StepContext } from "./performer.js";
import { performScript, performShell } from "./program.js";

/** How the work of each step type is done. `assert` and `set` are not among them: the engine computes them. */
export const PERFORMERS: ReadonlyMap<string, Performer> = new Map<string, Performer>([
  ["agent", performAgent],
  ["graphql", performGraphql],
  ["http", performHttp],
  ["script", performScript],
  ["shell", performShell],
]);

/**
 * Step types that record while they work what they use. Each returns what no report has counted yet, and is called in the transaction that records a
 * report, whatever the attempt has come to.
 */
export const METERS: ReadonlyMap<string, (tx: Tx, attempt: Pick<StepContext, "runId" | "step" | "isCompensation">) => Promise<StepUsage>> =
  new Map([["agent", countUsage]]);
