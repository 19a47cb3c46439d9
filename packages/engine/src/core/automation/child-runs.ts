/** What a step of the type `workflow` makes of the instance that it has started. */
import type { JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import type { StepError } from "../model/run.js";
import { asJsonObject } from "../model/values.js";

/** The property of the data that the outputs of the run of an automation are written to. No input can have this name. */
export const OUTPUTS = "outputs";

const PREFIX = "steps.";
const UNDO = ".undo";

/** The step, or the work that undoes it, that has started an instance. The rules of children contain no dots. */
export type StepRule = { readonly step: string; readonly isCompensation: boolean };

/** Returns the `parentRule` of the instances that a step starts, such as `steps.deploy`. Their index counts the attempts, from 0. */
export const ruleOfStep = ({ step, isCompensation }: StepRule): string => `${PREFIX}${step}${isCompensation ? UNDO : ""}`;

/** Returns the step that a `parentRule` belongs to. Null: it is a rule of `children`. */
export function stepOfRule(rule: string): StepRule | null {
  if (!rule.startsWith(PREFIX)) return null;
  const rest = rule.slice(PREFIX.length);
  const isCompensation = rest.endsWith(UNDO);
  return { step: isCompensation ? rest.slice(0, -UNDO.length) : rest, isCompensation };
}

/** An instance that has ended, with the error of its steps. */
export type EndedInstance = {
  readonly key: string;
  readonly machine: Machine | null;
  readonly status: string;
  readonly state: string;
  readonly data: JsonObject;
  readonly error: string | null;
};

export type ChildResult = { readonly isDone: true; readonly outputs: JsonObject } | { readonly isDone: false; readonly error: StepError };

/**
 * Returns the outputs of an automation, or the data of another workflow, that has completed; otherwise why the step has failed. Another attempt starts
 * it again, unless somebody has canceled it.
 */
export function resultOfChild({ key, machine, status, state, data, error }: EndedInstance): ChildResult {
  if (status === "CANCELLED") return failed("WORKFLOW_CANCELLED", `${key} was canceled.`, true);
  const ending = machine?.states.get(state)?.final ?? "completed";
  if (ending === "cancelled") return failed("WORKFLOW_CANCELLED", `${key} ended in the state ${state}.`, true);
  if (ending === "rejected") return failed("WORKFLOW_FAILED", `${key}: ${error ?? `It ended in the state ${state}.`}`, false);
  return { isDone: true, outputs: machine && isAutomation(machine) ? (asJsonObject(data[OUTPUTS]) ?? {}) : data };
}

/** Whether the machine is that of an automation: only the steps of automations read inputs. */
export const isAutomation = ({ states, initial }: Machine): boolean => states.get(initial)?.run?.graph.root === "inputs";

const failed = (code: string, message: string, isFinal: boolean): ChildResult => ({
  isDone: false,
  error: { code, message: message.slice(0, 2000), isFinal },
});
