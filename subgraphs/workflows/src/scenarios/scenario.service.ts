import type { Context } from "@weft/api/context";
import type { WorkflowStatus } from "@weft/api/workflow-status";
import { toProblem } from "../definitions/definition.type.js";
import { textToTry } from "../definitions/source/text-to-try.js";
import type { RunScenariosArgs, ScenarioReport } from "./scenario.type.js";
import { tryAll } from "./try-all.js";

/** Runs the scenarios of a definition. Nothing is written. */
export async function runScenarios(ctx: Context, args: RunScenariosArgs): Promise<ScenarioReport> {
  const tried = await tryAll(ctx, await textToTry(ctx, args));
  const scenarios = tried.map(({ name, failures, path, status }) => ({
    name,
    isPassed: failures.length === 0,
    path: [...path],
    status: status as WorkflowStatus | null,
    failures: failures.map(toProblem),
  }));
  return { isPassed: scenarios.every(({ isPassed }) => isPassed), scenarios };
}
