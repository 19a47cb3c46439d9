import type { Json, JsonObject } from "../../core/model/json.js";

/**
 * Returns the value as it is read from a jsonb column: the members of its objects are ordered by the length of their names, and then by the names, in
 * bytes. So a text that is made of it is the same before and after it is stored.
 */
export function inStoredOrder<T extends Json>(value: T): T;
export function inStoredOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => inStoredOrder(one));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value as JsonObject).map(([name, member]) => ({ name, bytes: Buffer.from(name), member }));
  members.sort(({ bytes: one }, { bytes: other }) => one.length - other.length || one.compare(other));
  return Object.fromEntries(members.map(({ name, member }) => [name, inStoredOrder(member)]));
}
