import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../model/json.js";
import { boundedJson } from "./bounded-json.js";

test("a small value stays as it is, and no value becomes much longer than the limit", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 60 }), (value, limit) => {
      const size = JSON.stringify(value).length;
      expect(boundedJson(value as Json, size)).toEqual(value);
      const bounded = boundedJson(value as Json, limit);
      expect(charsIn(bounded)).toBeLessThanOrEqual(limit + 25 + 3 * depthOf(value as Json));
    }),
  );
});

test("texts, lists and objects end with a sign where they were cut off", () => {
  expect(boundedJson("abcdef", 3)).toBe("abc…");
  expect(boundedJson(["a", "b", "c"], 4)).toEqual(["a", "b", "…"]);
  expect(boundedJson({ a: "x", long: "yyyyyy", more: 1 }, 9)).toEqual({ a: "x", long: "y…", "…": "…" });
});

/** The characters of texts and names, without punctuation. */
const charsIn = (value: Json): number => {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, item) => sum + charsIn(item), 0);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + charsIn(member), 0);
  return 0;
};

const depthOf = (value: Json): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map((one) => depthOf(one))) : 0;
