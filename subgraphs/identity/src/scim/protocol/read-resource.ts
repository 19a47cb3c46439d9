import { quote } from "@weft/shared/errors";
import { findAttribute } from "./attribute.js";
import type { Attribute, Schema } from "./attribute.js";
import { ScimRefusal } from "./scim-refusal.js";

/** A value with the attributes of a schema, under their exact names. Absent attributes have no value. */
export type Resource = Record<string, unknown>;

/** Members of a group that a request can name, and values of other attributes. */
export const longestList = 1_000;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads the body of a POST or PUT. Names of attributes ignore case. Attributes that Weft does not have, and those that clients cannot set, are ignored.
 * @throws ScimRefusal
 */
export function readResource({ id, attributes }: Schema, body: unknown): Resource {
  if (!isObject(body)) throw new ScimRefusal(400, "The body must be a JSON object.", "invalidSyntax");
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.includes(id)) throw new ScimRefusal(400, `schemas must include ${id}.`, "invalidSyntax");
  return readObject(attributes, body, "");
}

function readObject(attributes: readonly Attribute[], value: Record<string, unknown>, path: string): Resource {
  const read: Resource = {};
  for (const [name, given] of Object.entries(value)) {
    const known = findAttribute(attributes, name);
    if (known === undefined || known.mutability === "readOnly") continue;
    const one = readValue(known, given, path === "" ? known.name : `${path}.${known.name}`);
    if (one !== undefined) read[known.name] = one;
  }
  return read;
}

/** Returns the value of an attribute, or undefined if it is unassigned. @throws ScimRefusal if it has another type */
export function readValue(attribute: Attribute, value: unknown, path = attribute.name): unknown {
  if (value === null || value === undefined) return undefined;
  if (!attribute.multiValued) return readSingle(attribute, value, path);
  // Some clients send a single value without a list.
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > longestList)
    throw new ScimRefusal(400, `${path} has ${list.length} values. Send at most ${longestList} in a request.`, "tooMany");
  const read = list.map((one, index) => readSingle(attribute, one, `${path}[${index}]`)).filter((one) => one !== undefined);
  return read.length === 0 ? undefined : read;
}

function readSingle(attribute: Attribute, value: unknown, path: string): unknown {
  switch (attribute.type) {
    case "boolean":
      return readBoolean(value, path);
    case "complex": {
      // A list of addresses or IDs, without the objects around them.
      if (typeof value === "string" && attribute.multiValued) return { value };
      if (!isObject(value)) throw new ScimRefusal(400, `${path} must be an object.`, "invalidValue");
      return readObject(attribute.subAttributes ?? [], value, path);
    }
    case "string":
    case "reference":
    case "dateTime":
      if (typeof value !== "string") throw new ScimRefusal(400, `${path} must be a string.`, "invalidValue");
      // Text in another form of Unicode looks the same, but would not be found again.
      return value.trim() === "" ? undefined : value.normalize("NFKC").trim();
  }
}

/** Entra ID sends "True" and "False". */
function readBoolean(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  if (text === "true" || text === "false") return text === "true";
  throw new ScimRefusal(400, `${path} must be true or false, not ${shown(value)}.`, "invalidValue");
}

/** Returns a value of any type for an error message. */
export const shown = (value: unknown): string => quote(typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));
