import type { Json, JsonObject } from "../model/json.js";
import { isObject } from "../model/values.js";
import type { SchemaNode } from "../model/schema.js";

/** Returns the data with the defaults of its schema for absent properties, also in nested objects and lists that are present. Null is a value. */
export function withDefaults(node: SchemaNode, data: JsonObject): JsonObject {
  return fill(node, data) as JsonObject;
}

function fill(node: SchemaNode, value: Json): Json {
  const { items } = node;
  if (isList(value)) return items ? value.map((item) => fill(items, item)) : value;
  if (!isObject(value)) return value;
  const filled: Record<string, Json> = {};
  for (const [name, property] of node.properties) {
    const given = Object.hasOwn(value, name) ? value[name] : property.default?.value;
    if (given !== undefined) filled[name] = fill(property, given);
  }
  return { ...value, ...filled };
}

/** `Array.isArray` would turn anything into a list of `any`. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
