import type { Json } from "../model/json.js";

/** Stands for what was cut off. */
export const CUT = "…";

/**
 * Returns a value with at most about this many characters of names and values. What comes later is cut off: texts, lists and objects end with `…`.
 * Values that are shorter are returned as they are.
 */
export function boundedJson(value: Json, maxChars: number): Json {
  let left = maxChars;
  const take = (chars: number): boolean => (left -= chars) >= 0;
  const bound = (given: Json): Json => {
    if (typeof given === "string") {
      const room = Math.max(0, left);
      return take(given.length) ? given : `${given.slice(0, room).toWellFormed()}${CUT}`;
    }
    if (Array.isArray(given)) {
      const items: Json[] = [];
      for (const item of given as readonly Json[]) {
        if (!take(1)) return [...items, CUT];
        items.push(bound(item));
      }
      return items;
    }
    if (typeof given === "object" && given !== null) {
      const members: [string, Json][] = [];
      for (const [name, member] of Object.entries(given)) {
        if (!take(name.length + 1)) return Object.fromEntries([...members, [CUT, CUT]]);
        members.push([name, bound(member)]);
      }
      return Object.fromEntries(members);
    }
    take(String(given).length);
    return given;
  };
  return bound(value);
}
