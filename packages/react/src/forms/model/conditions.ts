/** Conditions of a form are schemas of its answers. They are interpreted, so that they work under a content security policy without `unsafe-eval`. */
import { Validator, type OutputUnit } from "@cfworker/json-schema";
import { listOf, objectOf, schemaAt, type Answers, type FormField, type FormModel, type JsonSchema } from "./form.js";

const validators = new WeakMap<JsonSchema, Validator>();

/** Returns what is wrong with a value. What the validator cannot read, such as a pattern of RE2, is left to the server. */
export function faultsOf(schema: JsonSchema, value: unknown): readonly OutputUnit[] {
  let validator = validators.get(schema);
  if (!validator) {
    validator = new Validator(schema, "7", false);
    validators.set(schema, validator);
  }
  try {
    return validator.validate(value).errors;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

export const fits = (schema: JsonSchema, value: unknown): boolean => faultsOf(schema, value).length === 0;

/**
 * Whether a field must be answered.
 *
 * @param known answers without empty ones
 */
export function isRequired({ schema }: FormModel, { path, name, isRequired: isRequiredColumn }: FormField, known: Answers): boolean {
  if (isRequiredColumn) return true;
  if (listOf(schemaAt(schema, path.slice(0, -1))["required"]).includes(name)) return true;
  if (path.length !== 1) return false;
  return listOf(schema["allOf"])
    .map(objectOf)
    .some(({ if: condition, then }) => condition && listOf(objectOf(then)["required"]).includes(name) && fits(objectOf(condition), known));
}
