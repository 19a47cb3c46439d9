import type { Actor, Json, SimulationStep } from "@weft/engine";
import type { Problem } from "@weft/shared/errors";
import type { SimulationStepInput } from "./simulation.type.js";

/** Keys that only a transition can have. */
const OF_TRANSITIONS: readonly (keyof SimulationStepInput)[] = ["input", "comment", "task", "completedItems", "as"];
const MAX_FAILURE_CHARS = 2000;

/** Returns what is wrong with a step, before it is simulated. */
export function problemsOfStep(step: SimulationStepInput, index: number): Problem[] {
  const path = `steps.${index}`;
  const { transition, callResult } = step;
  if (Boolean(callResult) === (typeof transition === "string")) return [{ path, message: "Pass either transition or callResult." }];
  if (!callResult) return [];
  const problems = OF_TRANSITIONS.filter((key) => step[key] !== undefined && step[key] !== null).map((key) => ({
    path: `${path}.${key}`,
    message: `A step with callResult cannot have ${key}.`,
  }));
  const { number, result, failure } = callResult;
  const at = `${path}.callResult`;
  if (typeof number === "number" && number < 1) problems.push({ path: `${at}.number`, message: "The first call has the number 1." });
  if (typeof failure !== "string") return problems;
  if (result !== undefined && result !== null) problems.push({ path: `${at}.failure`, message: "Pass either result or failure." });
  if (failure.length > MAX_FAILURE_CHARS)
    problems.push({ path: `${at}.failure`, message: `The text has ${failure.length} characters; the maximum is ${MAX_FAILURE_CHARS}.` });
  return problems;
}

/** Returns the step for the engine, without the time that passes before it. */
export function stepOf(
  { transition, callResult, task, completedItems, input, comment }: SimulationStepInput,
  actor: Actor,
): SimulationStep {
  if (!callResult)
    return {
      transition: transition ?? "",
      task: task ?? null,
      completedItems: completedItems ?? [],
      actor,
      input,
      comment: comment ?? null,
    };
  const { integrationKey: integration, action, number = null, result, failure } = callResult;
  const ended =
    typeof failure === "string" ? { isDone: false as const, error: failure } : { isDone: true as const, result: (result ?? null) as Json };
  return { callResult: { integration, action, number, ended } };
}
