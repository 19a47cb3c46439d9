/** Values of custom fields: what an input makes of those that an object has. */
import type { JsonObject } from "../model/json.js";
import type { InputProblem } from "../model/rejection.js";
import { asJsonObject } from "../model/values.js";
import { withDefaults } from "../schema/defaults.js";
import { validateData } from "../schema/validate.js";
import type { FieldSchema } from "./compile.js";

export type FieldsResult = { readonly fields: JsonObject; readonly problems: readonly InputProblem[] };

/** Returns the values of a new object: those given, with the schema's defaults. Problems have paths that begin with `fields`. */
export function newFieldValues(schema: FieldSchema, given: unknown): FieldsResult {
  const object = asJsonObject(given);
  const fields = object ? withDefaults(schema.root, withoutNulls(schema, object)) : {};
  return { fields, problems: misfits(schema, object ? fields : given) };
}

/**
 * Returns the values after a change: given ones replace, null removes, and omitted ones stay. The values of fields that the schema no longer has are
 * dropped. All values together must fit the schema.
 */
export function changedFieldValues(schema: FieldSchema, before: JsonObject, given: unknown): FieldsResult {
  const object = asJsonObject(given);
  if (object === null) return { fields: before, problems: misfits(schema, given) };
  const kept = Object.entries(before).filter(([name]) => schema.root.properties.has(name) && !Object.hasOwn(object, name));
  const fields = { ...Object.fromEntries(kept), ...withoutNulls(schema, object) };
  return { fields, problems: misfits(schema, fields) };
}

/** Returns what is wrong with the values that an object has. Messages about encrypted values do not quote them. */
export const misfits = (schema: FieldSchema, fields: unknown): readonly InputProblem[] =>
  validateData(schema, fields, "fields").map(({ path, message }) => {
    const [, name] = path.split(".");
    if (name === undefined) return { path, message: "Expected an object with the values of the custom fields." };
    const isQuoted = schema.encrypted.has(name) && Object.hasOwn(asJsonObject(fields) ?? {}, name);
    return {
      path,
      message: isQuoted ? `The value does not fit the schema of the encrypted field: ${constraintsOf(schema, name)}.` : message,
    };
  });

/** The keywords that values must fit. */
function constraintsOf({ source }: FieldSchema, name: string): string {
  const property = asJsonObject(asJsonObject(source["properties"])?.[name]) ?? {};
  return JSON.stringify(
    Object.fromEntries(Object.entries(property).filter(([keyword]) => keyword !== "title" && keyword !== "description")),
  );
}

/** Null removes a value. Of an unknown field it stays, and is reported. */
const withoutNulls = ({ root }: FieldSchema, object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name, value]) => value !== null || !root.properties.has(name)));
