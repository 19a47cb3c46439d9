import { computedMs } from "@weft/testkit/cost/computed-ms";
import { expect, test } from "vitest";
import type { Json } from "../model/json.js";
import { contextOf } from "./context.js";
import { evaluateCondition, type ConditionResult } from "./evaluate.js";
import { parseCondition, parseOperand } from "./syntax/parse.js";
import { conditionText } from "./syntax/text.js";

const actor = { id: "ana", roles: ["operations"], permissions: [], principals: { userIds: ["ana"], teamIds: [], vendorId: null } };

function evaluated(source: string, data: { [key: string]: Json }): ConditionResult {
  const parsed = parseCondition(source);
  if (!parsed.ok) throw new Error(parsed.message);
  const snapshot = { state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null };
  return evaluateCondition(parsed.value, contextOf(snapshot, { data, actor, now: "2026-03-01T00:00:00Z" }));
}

const holds = (source: string, data: { [key: string]: Json } = {}): boolean => evaluated(source, data).holds;
const why = (source: string, data: { [key: string]: Json } = {}): string[] => {
  const result = evaluated(source, data);
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
  ["data.a + 1 > 2", { a: 1.5 }, true],
  ["data.a * data.b <= 100", { a: 11, b: 10 }, false],
  ["data.a - data.b - 1 == 0", { a: 3, b: 2 }, true],
  ["data.a - (data.b - 1) == 2", { a: 3, b: 2 }, true],
  ["data.a / 2 == 3.5", { a: 7 }, true],
  ["data.a % 2 == 1", { a: 7 }, true],
  ["-data.a == 7", { a: -7 }, true],
  ["0.1 + data.a == 0.3", { a: 0.2 }, true],
  ["data.a + '-' + data.b == 'x-y'", { a: "x", b: "y" }, true],
  ["size(data.a) == 2 && data.b.size() == 1", { a: ["x", "y"], b: "\u{1F600}" }, true],
  ["data.a.startsWith('ab') && data.a.endsWith('yz')", { a: "ab-yz" }, true],
  ["data.a > 1 ? data.b : !data.b", { a: 2, b: true }, true],
  ["(data.a > 1 ? 10 : 20) == 20", { a: 1 }, true],
  ["data.a.all(x, x.n > 0)", { a: [{ n: 1 }, { n: 2 }] }, true],
  ["data.a.all(x, x.n > 0)", { a: [] }, true],
  ["data.a.exists(x, x.n > data.b)", { a: [{ n: 1 }, { n: 2 }], b: 1 }, true],
  ["data.a.exists(x, x.n > 2)", { a: [{ n: 1 }, { n: 2 }] }, false],
  [
    "data.a.map(x, x.n * x.price).sum() == 7",
    {
      a: [
        { n: 1, price: 3 },
        { n: 2, price: 2 },
      ],
    },
    true,
  ],
  ["data.a.filter(x, x.n > 1).size() == 1", { a: [{ n: 1 }, { n: 2 }] }, true],
  ["data.a.filter(x, x.n > 1).map(y, y.n).max() == 3", { a: [{ n: 1 }, { n: 2 }, { n: 3 }] }, true],
  ["data.a.min() == 'a'", { a: ["b", "a"] }, true],
  ["data.a.map(x, x > 1 ? 'big' : 'small') == ['small', 'big']", { a: [1, 2] }, true],
])("%s with %j is %s", (source, data, expected) => {
  expect(holds(source, data)).toBe(expected);
});

test("an absent value makes a condition fail, even when negated, and the reason says so", () => {
  for (const source of ["data.a > 1", "data.a != 1", "!(data.a > 1)", "!data.a", "data.a == null", "!(data.a in [1])", "data.a.b == 1"]) {
    expect(holds(source), source).toBe(false);
    expect(why(source).join(), source).toMatch(/data\.a(\.b)? is absent\./);
  }
  expect(holds("!has(data.a)")).toBe(true);
  expect(holds("data.a > 1 || data.b == 2", { b: 2 })).toBe(true);
  expect(holds("!(data.a > 1 && data.b == 2)", { b: 3 })).toBe(true);
});

test.each<[string, { [key: string]: Json }, string]>([
  ["data.a / data.b > 1", { a: 1, b: 0 }, "data.a / data.b has no value: it cannot be computed from the values that are present."],
  ["data.a * 2 > 1", {}, "data.a is absent."],
  ["data.a % 2 == 1", { a: 1.5 }, "data.a % 2 has no value: it cannot be computed from the values that are present."],
  ["data.a + 1 > 1", { a: "x" }, "data.a + 1 has no value: it cannot be computed from the values that are present."],
  ["data.a * data.a > 1", { a: 1e300 }, "data.a * data.a has no value: it cannot be computed from the values that are present."],
  ["data.a.max() > 1", { a: [] }, "data.a.max() has no value: it cannot be computed from the values that are present."],
  ["data.a.sum() > 1", { a: [1, "2"] }, "data.a.sum() has no value: it cannot be computed from the values that are present."],
  ["data.a.all(x, x > 1)", { a: "text" }, "data.a is not a list."],
  ["data.a.all(x, x > 1)", {}, "data.a is absent."],
  ["data.a.exists(x, x.n > 1)", { a: [{ m: 1 }] }, "data.a[0]: x.n is absent."],
  [
    "data.a.map(x, x.n).sum() > 1",
    { a: [{ n: 1 }, {}] },
    "data.a.map(x, x.n) has no value: it cannot be computed from the values that are present.",
  ],
  ["(data.b > 1 ? 1 : 2) == 1", {}, "data.b is absent."],
  ["data.a.all(x, x > 1)", { a: Array.from({ length: 1001 }, () => 2) }, "data.a has 1001 items; a condition reads at most 1000."],
])("%s with %j is neither true nor false: %s", (source, data, message) => {
  expect(holds(source, data)).toBe(false);
  expect(holds(`!(${source})`, data)).toBe(false);
  expect(why(source, data)).toEqual([message]);
});

test("values of different types are not equal and cannot be ordered", () => {
  expect(holds("data.a == 1", { a: "1" })).toBe(false);
  expect(holds("data.a > 1", { a: "5" })).toBe(false);
  expect(holds("!(data.a > 1)", { a: "5" })).toBe(false);
});

test("a false condition says which part was false, with its values", () => {
  expect(why("data.a <= 5000", { a: 7000 })).toEqual(["data.a is 7000, but must be at most 5000."]);
  expect(why("data.a <= 5000 && data.b == 'x' && data.c", { a: 7000, b: "y", c: true })).toEqual([
    "data.a is 7000, but must be at most 5000.",
    'data.b is "y", but must be "x".',
  ]);
  expect(why("!(data.a > 1 || data.b > 1)", { a: 5, b: 0 })).toEqual(["data.a is 5, but must not be greater than 1."]);
  expect(why("data.a in [1, 2]", { a: 3 })).toEqual(["data.a is 3, but must be one of [1,2]."]);
  expect(why("data.a < data.b", { a: 3, b: 2 })).toEqual(["data.a is 3, but must be less than data.b (2)."]);
  expect(why("data.a * data.b <= 100", { a: 11, b: 10 })).toEqual(["data.a * data.b is 110, but must be at most 100."]);
  expect(why("data.a.startsWith('x')", { a: "yx" })).toEqual(['data.a is "yx", but must start with "x".']);
  expect(why("data.a.all(x, x.n > 0 && x.n < 10)", { a: [{ n: 1 }, { n: 0 }, { n: 11 }] })).toEqual([
    "data.a[1]: x.n is 0, but must be greater than 0.",
    "data.a[2]: x.n is 11, but must be less than 10.",
  ]);
  expect(why("data.a.exists(x, x > 1)", { a: [] })).toEqual(["data.a has no items."]);
  expect(why("has(data.a)")).toEqual(["data.a has no value, but must have one."]);
  expect(why("false")).toEqual(["The condition is always false."]);
});

test.each<[string, string]>([
  ["data.a == ", "is not a valid expression"],
  ["data.a + 1", "is a value, not a condition"],
  ["size(data.a)", "is a value, not a condition"],
  ["data.a.sum()", "is a value, not a condition"],
  ["data.a.matches('(a+)+$')", 'There is no function "matches"'],
  ["[1,2].all(x, [1,2].all(y, x < y))", "A condition cannot iterate over a list for each item of another"],
  ["data.a.map(x, data.b.filter(y, y > x)).size() > 1", "A condition cannot iterate over a list for each item of another"],
  [`data.a.all(x, ${Array.from({ length: 30 }, () => "x > 1").join(" && ")})`, "have 91 parts in total; the maximum is 64"],
  ["data.a.all(data, data > 1)", 'An item cannot be named "data"'],
  ["data.a.all(x.y, true)", "invalid predicate iteration variable"],
  ["data.a.exists(x)", 'There is no function "exists" with these arguments'],
  [
    "data.a in [data.b]",
    'A list in a condition can contain only values, not "data.b". To compare with several expressions, join the comparisons with ||.',
  ],
  ["{'a': 1} == data.a", '"map" is not supported'],
  ["data.constructor == 1", "is not allowed in a path"],
  ["data['__proto__'].x == 1", "is not allowed in a path"],
  ["data.a[0] == 1", "A path can contain only names"],
  ["5", "is a value, not a condition"],
  ["data.a == b'x'", "is not a value that conditions support"],
  ["data.a == 99999999999999999999", "is not"],
  ["data.a == 'a\\u0000'", "cannot be stored"],
  ["!".repeat(4000) + "data.a", "is not a valid expression"],
  ["(".repeat(2000) + "data.a" + ")".repeat(2000), "is not a valid expression"],
  ["-".repeat(4000) + "1 < data.a", "is not a valid expression"],
  ["data" + ".a".repeat(2000), "is not a valid expression"],
  ["data.a".padEnd(5000, " "), "the maximum is 4096"],
])("refuses %s", (source, message) => {
  const before = computedMs();
  expect(parseCondition(source)).toMatchObject({ ok: false, message: expect.stringContaining(message) as unknown });
  expect(computedMs() - before).toBeLessThan(1000);
});

test("the longest conditions over the largest lists are evaluated quickly", () => {
  const source = Array.from({ length: 50 }, () => "'x' in data.a").join(" && ");
  const data = { a: Array.from({ length: 10_000 }, (_, index) => `item ${index}`).concat("x") };
  const before = computedMs();
  expect(holds(source, data)).toBe(true);
  expect(computedMs() - before).toBeLessThan(2000);
});

test.each([
  ["size(data.text)", `x < ${Array.from({ length: 21 }, () => "size(data.text)").join(" + ")}`],
  ["in", Array.from({ length: 15 }, () => "!(x in data.big)").join(" && ")],
  ["==", Array.from({ length: 15 }, () => "data.big == data.same").join(" && ")],
])("a condition that reads large values for each item (%s) is stopped, and says so", (_name, body) => {
  const big = Array.from({ length: 9_000 }, (_, index) => `item ${index}`);
  const data = { a: Array.from({ length: 1000 }, (_, n) => n), text: "é".repeat(260_000), big, same: [...big] };
  const before = computedMs();
  expect(why(`data.a.all(x, ${body})`, data)).toEqual(["The condition reads more of this data than a single evaluation allows."]);
  expect(holds(`!data.a.all(x, ${body})`, data)).toBe(false);
  expect(computedMs() - before).toBeLessThan(1000);
});

test.each([
  ["data.t.contains(data.p)", "The condition reads more of this data than a single evaluation allows."],
  ["data.no && data.t.contains(data.p)", "The condition reads more of this data than a single evaluation allows."],
  ["data.a.map(i, data.a).map(i, data.a) == data.a", "The condition reads more of this data than a single evaluation allows."],
  ["data.a.map(i, data.t) == []", "The condition reads more of this data than a single evaluation allows."],
  ["data.a.map(i, data.s) == []", expect.stringMatching(/^data.a.map\(i, data.s\) is \["a{70,80}…, but must be \[\]\.$/)],
])("%s is evaluated immediately", (source, message) => {
  const data = { t: "a".repeat(170_000), p: `${"a".repeat(43_000)}b${"a".repeat(43_000)}`, a: Array.from({ length: 1000 }, (_, n) => n) };
  const before = computedMs();
  expect(why(source, { ...data, s: "a".repeat(10_000) })).toEqual([message]);
  expect(computedMs() - before).toBeLessThan(1000);
});

test("conditions on each item of the longest lists are evaluated quickly", { tags: "slow" }, () => {
  const source = Array.from({ length: 12 }, () => "data.a.all(x, x.n + 1 > 0)").join(" && ");
  const data = { a: Array.from({ length: 1000 }, (_, n) => ({ n })) };
  const before = computedMs();
  for (let round = 0; round < 100; round++) expect(holds(source, data)).toBe(true);
  expect(computedMs() - before).toBeLessThan(4000);
});

test.each([
  "data.a <= 5 && (data.b == 'x' || !has(data.c))",
  "!(data.a in [1, 2]) && data.b.contains('x') && data.b.startsWith(data.c)",
  "data.a + data.b * 2 - (data.a - 1) >= size(data.c) / 2",
  "data.l.filter(x, x.n > 1).map(x, x.n * 2).sum() > (data.a > 1 ? 1 : 2)",
  "data.l.all(x, x.n > 0 || x.m) && !data.l.exists(x, x.n > 9)",
  'data["due-date"] < now',
  'data["in"] == data["null"] && data.a in [[1], ["x"]]',
])("%s is written in a form that parses to the same tree", (source) => {
  const parsed = parseCondition(source);
  if (!parsed.ok) throw new Error(parsed.message);
  expect(parseCondition(conditionText(parsed.value))).toEqual(parsed);
});

test("paths cannot reach prototypes", () => {
  expect(why("data.toString == 'x'")).toEqual(["data.toString is absent."]);
  expect(why("data.a.length == 2", { a: "xx" })).toEqual(["data.a.length is absent."]);
});
