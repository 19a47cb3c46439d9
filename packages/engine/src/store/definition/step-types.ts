/** The step types of this installation: those of Weft, and those that its host application has added. */
import { STEP_TYPES } from "../../core/automation/types/step-types.js";
import { withCheckedOperations, type CheckOperation } from "../../core/automation/types/graphql.js";
import type { StepType } from "../../core/model/automation.js";

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

let known: ReadonlyMap<string, StepType> = STEP_TYPES;

/** Returns the step types of this process. */
export const stepTypes = (): ReadonlyMap<string, StepType> => known;

let checkOperation: CheckOperation | null = null;

/**
 * Checks operations of steps from now on when definitions are saved, for the whole process. Published definitions are not checked again: a later
 * release may have removed what they use, and their runs say so.
 */
export function checkOperationsWith(check: CheckOperation): void {
  checkOperation = check;
}

/** Returns the step types for definitions that are about to be saved. */
export const stepTypesToSave = (): ReadonlyMap<string, StepType> =>
  checkOperation === null ? known : withCheckedOperations(known, checkOperation);

/** Returns what is wrong with an operation of which no variables are known yet. Empty if operations are not checked. */
export const operationProblems = (query: string): ReturnType<CheckOperation> => checkOperation?.(query, null) ?? [];

/** Whether operations of steps are checked when definitions are saved. */
export const checksOperations = (): boolean => checkOperation !== null;

/**
 * Adds the step types of a host application, for the whole process, because compiled definitions are shared by all that runs in it. Adding the same ones
 * again changes nothing.
 * @throws Error if a name is not valid, or is that of another type
 */
export function addStepTypes(types: readonly StepType[]): void {
  const all = new Map(known);
  for (const type of types) {
    const { name } = type;
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is not a valid name of a step type. Names look like send_invoice.`);
    if ((all.get(name) ?? type) !== type) throw new Error(`There is already a step type ${name}. Choose another name.`);
    all.set(name, type);
  }
  known = all;
}
