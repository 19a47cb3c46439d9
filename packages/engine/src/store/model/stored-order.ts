import type { Json } from "../../core/model/json.js";

/**
 * Returns the value as it is read from a jsonb column: the members of its objects are ordered by the length of their names, and then by the names, in
 * bytes. So a text that is made of it is the same before and after it is stored.
 */
export function inStoredOrder(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(inStoredOrder);
  const members = Object.entries(value).map(([name, member]) => ({ name, bytes: Buffer.from(name), member }));
  members.sort(({ bytes: one }, { bytes: other }) => one.length - other.length || one.compare(other));
  return Object.fromEntries(members.map(({ name, member }) => [name, inStoredOrder(member)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
