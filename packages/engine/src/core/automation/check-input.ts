import type { StepType } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import type { InputProblem } from "../model/rejection.js";
import { asJsonObject } from "../model/values.js";
import { withDefaults } from "../schema/defaults.js";
import { validateData } from "../schema/validate.js";
import { STEP_TYPES } from "./types/step-types.js";

export type CheckedInput =
  | { readonly ok: true; readonly input: JsonObject }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks the input of a step's work, whose expressions have been evaluated, and adds the defaults of its type. Problems do not quote values of members
 * that can contain secrets. The input of an unknown type is returned as it is.
 */
export function checkInput(name: string, given: JsonObject, types: ReadonlyMap<string, StepType> = STEP_TYPES): CheckedInput {
  const type = types.get(name);
  if (!type) return { ok: true, input: given };
  const input = asJsonObject(withDefaults(type.input.root, given)) ?? given;
  const problems = validateData(type.input, input, "with");
  if (problems.length === 0) return { ok: true, input };
  const isSecret = ({ path }: InputProblem): boolean => type.secretInputs.includes(path.split(/[.[]/)[1] ?? "");
  return { ok: false, problems: problems.map((one) => (isSecret(one) ? { path: one.path, message: "The value is not valid." } : one)) };
}
