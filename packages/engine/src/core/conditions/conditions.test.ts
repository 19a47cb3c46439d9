import { expect, test } from "vitest";
import type { Json } from "../json.js";
import { contextOf } from "./context.js";
import { evaluateCondition, type Verdict } from "./evaluate.js";
import { parseCondition, parseOperand } from "./parse.js";

const actor = { id: "ana", roles: ["operations"], permissions: [], principals: { userIds: ["ana"], teamIds: [], vendorId: null } };

function verdict(source: string, data: { [key: string]: Json }): Verdict {
  const parsed = parseCondition(source);
  if (!parsed.ok) throw new Error(parsed.message);
  const snapshot = { state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null };
  return evaluateCondition(parsed.value, contextOf(snapshot, { data, actor, now: "2026-03-01T00:00:00Z" }));
}

const holds = (source: string, data: { [key: string]: Json } = {}): boolean => verdict(source, data).holds;
const why = (source: string, data: { [key: string]: Json } = {}): string[] => {
  const result = verdict(source, data);
  return result.holds ? [] : result.failures.map(({ message }) => message);
};

test("CEL text compiles to the tree that is stored", () => {
  expect(parseCondition("data.a <= 5 && !(data.b == 'x') && has(data.c)")).toEqual({
    ok: true,
    value: {
      op: "and",
      args: [
        { op: "lte", left: { path: ["data", "a"] }, right: { value: 5 } },
        { op: "not", arg: { op: "eq", left: { path: ["data", "b"] }, right: { value: "x" } } },
        { op: "has", path: ["data", "c"] },
      ],
    },
  });
  expect(parseCondition("true")).toEqual({ ok: true, value: { op: "and", args: [] } });
  expect(parseOperand('data["due-date"]')).toEqual({ ok: true, value: { path: ["data", "due-date"] } });
  expect(parseOperand("[1, -2.5, 'a', null]")).toEqual({ ok: true, value: { value: [1, -2.5, "a", null] } });
});

test.each<[string, { [key: string]: Json }, boolean]>([
  ["data.a == 1", { a: 1 }, true],
  ["data.a != 1", { a: 2 }, true],
  ["data.a > 1", { a: 1 }, false],
  ["data.a >= 1", { a: 1 }, true],
  ["data.a < -1.5", { a: -2 }, true],
  ["data.a <= data.b", { a: 1, b: 2 }, true],
  ["data.a < 'b'", { a: "a" }, true],
  ["data.a in [1, 2]", { a: 2 }, true],
  ["'x' in data.a", { a: ["y"] }, false],
  ["data.a.contains('ell')", { a: "hello" }, true],
  ["data.a.contains(2)", { a: [1, 2] }, true],
  ["data.a", { a: true }, true],
  ["!data.a", { a: true }, false],
  ["data.a == null", { a: null }, true],
  ["data.a == [1, 2]", { a: [1, 2] }, true],
  ["data.a.b.c == 1", { a: { b: { c: 1 } } }, true],
  ["has(data.a) && data.a > 1 || data.b", { b: true }, true],
  ["'operations' in actor.roles && instance.ownerId != actor.id", {}, true],
  ["false || true", {}, true],
  ["false", {}, false],
])("%s with %j is %s", (source, data, expected) => {
  expect(holds(source, data)).toBe(expected);
});

test("an absent value makes a condition fail, also under a negation, and says so", () => {
  for (const source of ["data.a > 1", "data.a != 1", "!(data.a > 1)", "!data.a", "data.a == null", "!(data.a in [1])", "data.a.b == 1"]) {
    expect(holds(source), source).toBe(false);
    expect(why(source).join(), source).toMatch(/data\.a(\.b)? is absent\./);
  }
  expect(holds("!has(data.a)")).toBe(true);
  expect(holds("data.a > 1 || data.b == 2", { b: 2 })).toBe(true);
  expect(holds("!(data.a > 1 && data.b == 2)", { b: 3 })).toBe(true);
});

test("values of different kinds are not equal, and have no order", () => {
  expect(holds("data.a == 1", { a: "1" })).toBe(false);
  expect(holds("data.a > 1", { a: "5" })).toBe(false);
  expect(holds("!(data.a > 1)", { a: "5" })).toBe(false);
});

test("a false condition says which part was false, with the values", () => {
  expect(why("data.a <= 5000", { a: 7000 })).toEqual(["data.a is 7000, but must be at most 5000."]);
  expect(why("data.a <= 5000 && data.b == 'x' && data.c", { a: 7000, b: "y", c: true })).toEqual([
    "data.a is 7000, but must be at most 5000.",
    'data.b is "y", but must be "x".',
  ]);
  expect(why("!(data.a > 1 || data.b > 1)", { a: 5, b: 0 })).toEqual(["data.a is 5, but must not be more than 1."]);
  expect(why("data.a in [1, 2]", { a: 3 })).toEqual(["data.a is 3, but must be one of [1,2]."]);
  expect(why("data.a < data.b", { a: 3, b: 2 })).toEqual(["data.a is 3, but must be less than data.b (2)."]);
  expect(why("has(data.a)")).toEqual(["data.a has no value, but must have one."]);
  expect(why("false")).toEqual(["The condition is always false."]);
});

test.each<[string, string]>([
  ["data.a == ", "is not understood"],
  ["data.a + 1 > 2", '"+" is not supported'],
  ["data.a > 1 ? true : false", '"? :" is not supported'],
  ["data.a.matches('(a+)+$')", 'There is no function "matches"'],
  ["data.a.exists(x, x > 1)", 'There is no function "exists"'],
  ["size(data.a) > 1", "is not supported"],
  ["[1,2].all(x, [1,2].all(y, x < y))", 'There is no function "all"'],
  ["data.constructor == 1", "is not allowed in a path"],
  ["data['__proto__'].x == 1", "is not allowed in a path"],
  ["data.a[0] == 1", "A path has names only"],
  ["5", "is a value, not a condition"],
  ["data.a == b'x'", "is not a value that conditions know"],
  ["data.a == 99999999999999999999", "is not"],
  ["data.a == 'a\\u0000'", "cannot be stored"],
  ["!".repeat(4000) + "data.a", "is not understood"],
  ["(".repeat(2000) + "data.a" + ")".repeat(2000), "is not understood"],
  ["-".repeat(4000) + "1 < data.a", "is not understood"],
  ["data" + ".a".repeat(2000), "is not understood"],
  ["data.a".padEnd(5000, " "), "the most is 4096"],
])("refuses %s", (source, message) => {
  const begin = performance.now();
  expect(parseCondition(source)).toMatchObject({ ok: false, message: expect.stringContaining(message) as unknown });
  expect(performance.now() - begin).toBeLessThan(1000);
});

test("the longest conditions over the largest lists stay fast", () => {
  const source = Array.from({ length: 200 }, () => "'x' in data.a").join(" && ");
  const data = { a: Array.from({ length: 10_000 }, (_, index) => `item ${index}`).concat("x") };
  const begin = performance.now();
  expect(holds(source, data)).toBe(true);
  expect(performance.now() - begin).toBeLessThan(2000);
});

test("prototypes are out of reach of paths", () => {
  expect(why("data.toString == 'x'")).toEqual(["data.toString is absent."]);
  expect(why("data.a.length == 2", { a: "xx" })).toEqual(["data.a.length is absent."]);
});
