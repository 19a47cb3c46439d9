import type { StepType } from "../model/automation.js";
import { pathText } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import type { InputProblem } from "../model/rejection.js";
import type { SchemaNode } from "../model/schema.js";
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
  const input = withTexts(type.input.root, asJsonObject(withDefaults(type.input.root, given)) ?? given);
  const problems: InputProblem[] = [...validateData(type.input, input, "with")];
  if (problems.length === 0)
    type.check?.({ known: input, given: new Set(Object.keys(input)) }, (path, message) =>
      problems.push({ path: pathText(["with", ...path.map(String)]), message }),
    );
  if (problems.length === 0) return { ok: true, input };
  const secret = new Set([...type.secretInputs, ...type.sealedInputs]);
  const isSecret = ({ path }: InputProblem): boolean => secret.has(path.split(/[.[]/)[1] ?? "");
  return { ok: false, problems: problems.map((one) => (isSecret(one) ? { path: one.path, message: "The value is not valid." } : one)) };
}

/** Numbers and truth values become texts in maps of texts, such as an environment or headers. */
function withTexts({ properties }: SchemaNode, input: JsonObject): JsonObject {
  const members = Object.entries(input).map(([name, member]): readonly [string, Json] => {
    const { additional = false } = properties.get(name) ?? {};
    const map = typeof additional === "object" && additional.types?.has("string") ? asJsonObject(member) : null;
    return [name, map ? Object.fromEntries(Object.entries(map).map(([key, one]) => [key, textOf(one)])) : member];
  });
  return Object.fromEntries(members);
}

const textOf = (value: Json): Json => (typeof value === "number" || typeof value === "boolean" ? String(value) : value);
