import { expect, test } from "vitest";
import { readConditionTree } from "./from-json.js";
import { parseCondition } from "./parse.js";
import { conditionJson } from "./to-json.js";

test.each<[unknown, string]>([
  [{ lte: [{ path: "data.amount" }, 5000] }, "data.amount <= 5000"],
  [
    { and: [{ has: "data.a" }, { not: { in: [{ path: "data.a" }, ["x", "y"]] } }, { contains: [{ path: 'data["b-c"]' }, "z"] }] },
    "has(data.a) && !(data.a in ['x', 'y']) && data['b-c'].contains('z')",
  ],
  [
    { or: [{ startsWith: [{ path: "data.a" }, "x"] }, { endsWith: [{ path: "data.a" }, "y"] }] },
    "data.a.startsWith('x') || data.a.endsWith('y')",
  ],
  [
    {
      gt: [
        { add: [{ mul: [{ path: "data.a" }, 2] }, { div: [{ path: "data.b" }, { size: { path: "data.c" } }] }] },
        { sub: [1, { mod: [7, 4] }] },
      ],
    },
    "data.a * 2 + data.b / size(data.c) > 1 - 7 % 4",
  ],
  [{ all: { each: { path: "data.lines" }, as: "line", where: { gt: [{ path: "line.n" }, 0] } } }, "data.lines.all(line, line.n > 0)"],
  [
    {
      exists: {
        each: { filter: { each: { path: "data.lines" }, as: "line", where: { eq: [{ path: "line.n" }, null] } } },
        as: "one",
        where: { ne: [{ path: "one.m" }, true] },
      },
    },
    "data.lines.filter(line, line.n == null).exists(one, one.m != true)",
  ],
  [
    { gte: [{ sum: { map: { each: { path: "data.lines" }, as: "line", to: { path: "line.n" } } } }, { if: [{ has: "data.a" }, 1, 2] }] },
    "data.lines.map(line, line.n).sum() >= (has(data.a) ? 1 : 2)",
  ],
  [{ lt: [{ min: { path: "data.a" } }, { max: { path: "data.a" } }] }, "data.a.min() < data.a.max()"],
  [true, "true"],
  [{ or: [] }, "false"],
])("%j is equivalent to the CEL text %s", (tree, source) => {
  const read = readConditionTree(tree);
  expect(read).toEqual(parseCondition(source));
  if (read.ok) expect(readConditionTree(conditionJson(read.value))).toEqual(read);
});

test.each<[unknown, readonly (string | number)[], string]>([
  ["data.a > 1", [], "Expected an object with one member"],
  [null, [], "Expected an object with one member"],
  [{}, [], "Expected an object with one member"],
  [{ eq: [1, 1], ne: [1, 2] }, [], "Expected an object with one member"],
  [{ and: [{ lteq: [1, 2] }] }, ["and", 0, "lteq"], '"lteq" is not supported here. Did you mean "lte"?'],
  [{ and: { eq: [1, 1] } }, ["and"], "Expected a list"],
  [{ eq: [1] }, ["eq"], "Expected a list of 2"],
  [{ eq: [{ path: "data.a + 1" }, 1] }, ["eq", 0, "path"], "Expected a path"],
  [{ eq: [{ path: 3 }, 1] }, ["eq", 0, "path"], "Expected a path"],
  [{ eq: [{ paths: "data.a" }, 1] }, ["eq", 0, "paths"], 'Did you mean "path"?'],
  [{ in: [{ path: "data.a" }, ["x", { path: "data.b" }]] }, ["in", 1, 1], "can contain only values"],
  [{ or: Array.from({ length: 2000 }, () => true) }, [], "The condition has 2001 parts; the maximum is 2000."],
  [Array.from({ length: 33 }).reduce<unknown>((inner) => ({ not: inner }), true), [], "nested more than 32 levels"],
  [{ has: "data.constructor" }, ["has"], "is not allowed in a path"],
  [{ all: { each: { path: "data.a" }, where: true } }, ["all"], "Expected { each, as, where }"],
  [{ all: { each: { path: "data.a" }, as: "now", where: true } }, ["all", "as"], 'An item cannot be named "now"'],
  [{ all: { each: { path: "data.a" }, as: "x", where: true, more: 1 } }, ["all"], "Expected { each, as, where }"],
  [{ eq: [{ sum: { map: { each: { path: "data.a" }, as: "x" } } }, 1] }, ["eq", 0, "sum", "map"], "Expected { each, as, to }"],
  [
    { all: { each: { path: "data.a" }, as: "x", where: { exists: { each: { path: "data.b" }, as: "y", where: true } } } },
    [],
    "A condition cannot iterate over a list for each item of another list.",
  ],
  [{ eq: ["\u0000", 1] }, ["eq", 0], "NUL"],
  [JSON.parse('{ "eq": [{ "__proto__": 1 }, 1] }'), ["eq", 0, "__proto__"], "is not allowed"],
  [Array.from({ length: 200 }).reduce<unknown>((inner) => ({ not: inner }), true), [], "nested more than"],
  [{ or: Array.from({ length: 7000 }, () => true) }, [], "There are more than"],
])("%j is refused at %j: %s", (tree, path, message) => {
  expect(readConditionTree(tree)).toEqual({ ok: false, path, message: expect.stringContaining(message) as unknown });
});
