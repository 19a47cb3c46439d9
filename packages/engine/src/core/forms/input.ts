/** Validates answers against their form. */
import type { Context } from "../conditions/context.js";
import { evaluateCondition } from "../conditions/evaluate.js";
import type { Condition } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import type { InputProblem } from "../model/rejection.js";
import { isObject } from "../model/values.js";
import { validateData } from "../schema/validate.js";
import type { Form, AnswerReference } from "../model/form.js";
import { referencesIn } from "./references.js";
import { resolveForm } from "./resolve.js";

export type ReadInput = {
  readonly input: JsonObject | null;
  readonly problems: readonly InputProblem[];
  /** IDs of other objects that the answers reference. Only the store can check whether they exist. */
  readonly references?: readonly AnswerReference[];
};

/**
 * Returns the answers without those to fields that other answers hide, or every problem. An answer to a field that is not requested in any case is a
 * problem. All answers must be valid for their field, hidden or not. `context` is that of the transition; its `input` is ignored.
 */
export function readFormInput(form: Form, context: Context, given: unknown): ReadInput {
  const value = given ?? {};
  const malformed = validateData(form.schema, value, "input");
  if (!isObject(value)) return { input: null, problems: malformed };
  const problems = [...malformed];
  const { fields } = resolveForm(form, context);
  const asked = new Set(fields.map(({ field }) => field.name));
  for (const { name } of form.fields) {
    if (!asked.has(name) && Object.hasOwn(value, name))
      problems.push({ path: `input.${name}`, message: `${JSON.stringify(name)} is not asked for here.` });
  }
  const input: { [key: string]: Json } = {};
  const holds = (condition: Condition): boolean => evaluateCondition(condition, { ...context, input }).holds;
  for (const { field } of fields) {
    const { name, visible, required } = field;
    if (visible !== true && !holds(visible)) continue;
    const answer = Object.hasOwn(value, name) ? (value[name] as Json) : undefined;
    if (answer !== undefined) input[name] = answer;
    // Unconditionally required fields have already been checked with the schema.
    if (required === false || (required === true && visible === true)) continue;
    if (isEmpty(answer) && (required === true || holds(required)))
      problems.push({ path: `input.${name}`, message: `${JSON.stringify(name)} is required.` });
  }
  for (const check of form.checks) {
    if (holds({ op: "not", arg: check.holds }))
      problems.push({ path: check.field === null ? "input" : `input.${check.field}`, message: check.message });
  }
  return { input, problems, references: problems.length > 0 ? [] : referencesIn(form, input) };
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
