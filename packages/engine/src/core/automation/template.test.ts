import fc from "fast-check";
import { expect, test } from "vitest";
import { problemList } from "../model/problems.js";
import { readTemplate, renderTemplate, type TemplateScope } from "./template.js";
import { ANY } from "../conditions/value-types.js";

const scope: TemplateScope = { data: null, input: null, isAction: true, locals: new Map([["inputs", ANY]]) };

function rendered(value: unknown, inputs: unknown): unknown {
  const problems = problemList();
  const template = readTemplate(problems, value, ["with"], scope);
  if (!template) return problems.problems.map(({ message }) => message);
  const result = renderTemplate(template, { inputs }, "with");
  return result.ok ? result.value : result.problems;
}

test("an expression that stands alone keeps its type; in a text it becomes text", () => {
  expect(rendered({ list: "{{ inputs.list }}", text: "n = {{ inputs.n }}, {{ inputs.list }}" }, { list: [1, "a"], n: 5 })).toEqual({
    list: [1, "a"],
    text: 'n = 5, [1,"a"]',
  });
});

test("names with hyphens are names, and a minus needs spaces", () => {
  expect(rendered("{{ inputs.run-count - inputs.used }}", { "run-count": 5, used: 2 })).toBe(3);
  expect(rendered('{{ inputs.a == "inputs.run-count" }}', { a: "x" })).toBe(false);
  expect(rendered('{{ inputs.a == "inputs.run-count" }}', { a: "inputs.run-count" })).toBe(true);
});

test("an absent value omits its member, is null in a list, and is a problem in a text", () => {
  expect(rendered({ a: "{{ inputs.a }}", list: ["{{ inputs.a }}"] }, {})).toEqual({ list: [null] });
  expect(rendered({ a: "x {{ inputs.a }}" }, {})).toEqual([{ path: "with.a", message: '"inputs.a" has no value.' }]);
});

test("braces in strings of an expression do not close it", () => {
  expect(rendered('{{ inputs.a == "}}" ? "{{ yes }}" : "no" }}', { a: "}}" })).toBe("{{ yes }}");
});

test.each([
  ["{{ inputs.a", 'A "{{" is not closed by "}}".'],
  ["{{ }}", 'There is no expression between "{{" and "}}".'],
  ["{{ inputs.constructor }}", "is not allowed in a path"],
])("%s is refused", (text, message) => {
  expect(JSON.stringify(rendered(text, {}))).toContain(JSON.stringify(message).slice(1, -1));
});

test("no value becomes an expression, whatever it contains", () => {
  const hostile = fc.oneof(fc.string(), fc.constantFrom("{{ inputs.secret }}", "}}{{ inputs.secret }}", "$(id)", "`id`", "'; drop table"));
  fc.assert(
    fc.property(hostile, (value) => {
      fc.pre(!value.includes("\u0000") && value.isWellFormed());
      expect(rendered({ whole: "{{ inputs.a }}", part: "<{{ inputs.a }}>" }, { a: value, secret: "s" })).toEqual({
        whole: value,
        part: `<${value}>`,
      });
    }),
  );
});

test.each([
  "{{ inputs.secret }}",
  "}}{{ inputs.secret }}{{",
  '"}}{{ inputs.secret }}',
  `$${"{{ inputs.secret }}"}`,
  "__proto__",
  "constructor",
  '{"__proto__": {"polluted": true}}',
  "inputs.secret",
  'inputs["secret"]',
  "1 + 1",
  "true || inputs.secret",
  "$(id) `id` ; rm -rf /",
  "=cmd|' /C calc'!A0",
  "\u202e{{ inputs.secret }}",
  "a\r\nHeader: x",
  "{{ inputs.secret }}".repeat(1000),
])("a value is inserted as it is: %.40s", (value) => {
  const template = { whole: "{{ inputs.a }}", part: "<{{ inputs.a }}>", list: ["{{ inputs.a }}"], again: "{{ inputs.a }}{{ inputs.a }}" };
  expect(rendered(template, { a: value, secret: "s" })).toEqual({ whole: value, part: `<${value}>`, list: [value], again: value + value });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test.each(["inputs.__proto__", "inputs.a.__proto__.polluted", "inputs.constructor.prototype", 'inputs["__proto__"]'])(
  "prototypes are out of reach: %s",
  (path) => {
    expect(JSON.stringify(rendered(`{{ ${path} }}`, { a: {} }))).toContain("is not allowed in a path");
  },
);

test.each(["inputs.hasOwnProperty", "inputs.toString", "inputs.a.length", "inputs.list.map"])("only own values are read: %s", (path) => {
  expect(rendered({ x: `{{ ${path} }}` }, { a: "text", list: [1] })).toEqual({});
});

test("values that are inserted very often are refused before their texts are joined", { tags: "slow" }, () => {
  const template = { list: Array.from({ length: 5000 }, () => "{{ inputs.a }}".repeat(50)) };
  // Joined, they would have 50 GB, so that the test would not end.
  expect(JSON.stringify(rendered(template, { a: "x".repeat(200_000) }))).toContain("which is the maximum");
});
