/** What was filled in, held against its form. */
import type { Context } from "../conditions/context.js";
import { evaluateCondition } from "../conditions/evaluate.js";
import type { Condition } from "../conditions/tree.js";
import type { Json, JsonObject } from "../json.js";
import type { InputProblem } from "../rejection.js";
import { isObject } from "../schema/json.js";
import { validateData } from "../schema/validate.js";
import type { Form } from "./form.js";
import { referencesIn, type AnswerReference } from "./references.js";
import { resolveForm } from "./resolve.js";

export type ReadInput = {
  readonly input: JsonObject | null;
  readonly problems: readonly InputProblem[];
  /** Ids of others that the answers name; whether there are such, only the store can say. */
  readonly references?: readonly AnswerReference[];
};

/**
 * The answers without those to fields that other answers hide, or every problem. An answer to what nobody asks for here (whatever is answered to the rest) is a
 * problem; all answers must be of their field's kind, hidden or not. `context` is that of the move, its `input` is not looked at.
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
    // What is required in any case has been looked at with the schema.
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
