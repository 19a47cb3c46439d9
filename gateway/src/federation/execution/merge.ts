import { isJsonObject, type Json, type JsonObject } from "./json.js";

/**
 * Merges a response into the data that is already there: objects field by field, lists of the same length item by item, and everything else by
 * assignment. It changes the target, and values of the source become part of it. No name may be a property that every object has (see `compileOperation`).
 */
export function merge(target: JsonObject, source: JsonObject): void {
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value === undefined) continue;
    const present = target[name];
    if (present === undefined || present === null) target[name] = value;
    else if (isJsonObject(value) && isJsonObject(present)) merge(present, value);
    else if (isList(value) && isList(present) && value.length === present.length) mergeItems(present, value);
    else target[name] = value;
  }
}

const isList = (value: Json): value is Json[] => Array.isArray(value);

function mergeItems(target: Json[], source: readonly Json[]): void {
  for (const [index, value] of source.entries()) {
    const present = target[index];
    if (isJsonObject(present) && isJsonObject(value)) merge(present, value);
    else target[index] = value;
  }
}
