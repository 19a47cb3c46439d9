import { expect, test } from "vitest";
import { changesOfData } from "./data-changes.js";

const lines = (before: Parameters<typeof changesOfData>[0], after: Parameters<typeof changesOfData>[1]): string[] =>
  changesOfData(before, after).map(({ kind, path, to, isLost }) => `${kind} ${path}${to ? ` ${to}` : ""}${isLost ? " lost" : ""}`);

test("unchanged data is not listed, and a list is compared as a whole", () => {
  expect(lines({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 })).toEqual([]);
  expect(lines({ b: { c: [1, 2] } }, { b: { c: [1] } })).toEqual(["CHANGED data.b.c lost"]);
});

test("overwritten or removed values are lost and listed first, unless they were null", () => {
  expect(lines({ a: 1, b: "x", n: null, site: { door: "A", floor: 3 } }, { b: "y", c: true, site: { floor: 3 } })).toEqual([
    "REMOVED data.a lost",
    "CHANGED data.b lost",
    "REMOVED data.site.door lost",
    "ADDED data.c",
    "REMOVED data.n",
  ]);
});

test("a value found at another path has moved, a value it overwrites is lost, and only one of two equal values moves", () => {
  expect(lines({ amount: 5 }, { total: 5 })).toEqual(["MOVED data.amount data.total"]);
  expect(lines({ amount: 5, total: 7 }, { total: 5 })).toEqual(["CHANGED data.total lost", "MOVED data.amount data.total"]);
  expect(lines({ a: "x", b: "y" }, { a: "y", b: "x" })).toEqual(["CHANGED data.a", "CHANGED data.b"]);
  expect(lines({ a: 5, b: 5 }, { c: 5 })).toEqual(["REMOVED data.b lost", "MOVED data.a data.c"]);
  expect(lines({ amount: 5 }, { amount: { net: 5 } })).toEqual(["MOVED data.amount data.amount.net"]);
  expect(lines({ site: { door: "A" } }, { site: 7 })).toEqual(["REMOVED data.site.door lost", "ADDED data.site"]);
});
