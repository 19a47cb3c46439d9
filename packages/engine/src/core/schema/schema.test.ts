import { computedMs } from "@weft/testkit/cost/computed-ms";
import { expect, test } from "vitest";
import { problemList } from "../model/problems.js";
import { compileObjectSchema } from "./compile.js";
import type { CompiledSchema } from "../model/schema.js";
import { validateData } from "./validate.js";

function schemaOf(source: object): CompiledSchema {
  const problems = problemList();
  const schema = compileObjectSchema(source, ["data"], problems);
  if (!schema) throw new Error(JSON.stringify(problems.problems));
  return schema;
}

const property = (schema: object, value: unknown): string[] =>
  validateData(schemaOf({ properties: { x: schema } }), { x: value }).map(({ message }) => message);

test.each<[object, unknown, string | null]>([
  [{ type: "string" }, "a", null],
  [{ type: "string" }, 1, "Expected text, found 1."],
  [{ type: ["string", "null"] }, null, null],
  [{ type: "integer" }, 1.5, "Expected a whole number, found 1.5."],
  [{ type: "number" }, 1.5, null],
  [{ type: "boolean" }, "true", 'Expected true or false, found "true".'],
  [{ type: "string", maxLength: 2 }, "abc", "The text has 3 characters; the maximum is 2."],
  [{ type: "string", maxLength: 2 }, "😀😀", null],
  [{ type: "string", minLength: 2 }, "😀", "The text has 1 characters; the minimum is 2."],
  [{ type: "string", pattern: "^a+$" }, "ab", '"ab" does not match the pattern "^a+$".'],
  [{ type: "string", pattern: "b" }, "abc", null],
  [{ type: "string", format: "date" }, "2026-02-30", '"2026-02-30" is not a valid date. Example: "2026-03-31".'],
  [{ type: "string", format: "date" }, "2028-02-29", null],
  [{ type: "string", format: "date-time" }, "2026-02-03T10:00:00+01:00", null],
  [{ type: "string", format: "date-time" }, "2026-02-03T10:00:00", expect.stringContaining("not a valid date-time") as string],
  [{ type: "string", format: "time" }, "25:00", expect.stringContaining("not a valid time") as string],
  [{ type: "string", format: "email" }, "ana@example.com", null],
  [{ type: "string", format: "email" }, "ana at example", expect.stringContaining("not a valid email") as string],
  [{ type: "string", format: "uri" }, "javascript:alert(1)", expect.stringContaining("not a valid uri") as string],
  [{ type: "string", format: "uuid" }, "0198a3c2-7b1e-7c55-9d0f-2f6f1c3f9a10", null],
  [{ type: "number", minimum: 0 }, -1, "-1 is less than the minimum, 0."],
  [{ type: "number", maximum: 5 }, 6, "6 is greater than the maximum, 5."],
  [{ type: "number", exclusiveMinimum: 0 }, 0, "0 is not greater than 0."],
  [{ type: "number", exclusiveMaximum: 5 }, 5, "5 is not less than 5."],
  [{ type: "number", multipleOf: 0.01 }, 19.99, null],
  [{ type: "number", multipleOf: 0.01 }, 19.999, "19.999 is not a multiple of 0.01."],
  [{ enum: ["red", "green"] }, "gren", '"gren" is not one of the allowed values. Did you mean "green"?'],
  [{ const: 1 }, 2, "The value must be 1, found 2."],
  [{ type: "array", items: { type: "string" }, maxItems: 1 }, ["a", "b"], "The list has 2 items; the maximum is 1."],
  [{ type: "array", minItems: 1 }, [], "The list has 0 items; the minimum is 1."],
  [
    { type: "array", uniqueItems: true },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    "The items of the list must be unique.",
  ],
  [{ type: "object" }, { anything: [1] }, null],
  [{ type: "object", properties: { a: {} }, additionalProperties: { type: "number" } }, { b: "x" }, 'Expected a number, found "x".'],
])("%j of %j: %s", (schema, value, message) => {
  expect(property(schema, value)).toEqual(message === null ? [] : [message]);
});

test("all problems are reported at once, each with its path, and undeclared properties are refused", () => {
  const schema = schemaOf({
    required: ["name", "site"],
    properties: {
      name: { type: "string" },
      site: { type: "object", properties: { floor: { type: "integer" } } },
      tags: { type: "array", items: { type: "string" } },
    },
  });
  expect(validateData(schema, { site: { floor: "x", door: 1 }, tags: ["a", 2], nmae: "x" })).toEqual([
    { path: "data.name", message: '"name" is required.' },
    { path: "data.site.floor", message: 'Expected a whole number, found "x".' },
    { path: "data.site.door", message: 'There is no property "door". Known values: "floor".' },
    { path: "data.tags[1]", message: "Expected text, found 2." },
    { path: "data.nmae", message: 'There is no property "nmae". Did you mean "name"?' },
  ]);
});

test("values that PostgreSQL cannot store, and prototype keys, are refused with their paths", () => {
  const free = schemaOf({ additionalProperties: true });
  const refused = (value: unknown): string[] => validateData(free, value).map(({ path }) => path);
  expect(refused({ a: "x\u0000" })).toEqual(["data.a"]);
  expect(refused({ a: ["\ud800"] })).toEqual(["data.a[0]"]);
  expect(refused({ "\u0000": 1 })).toEqual(["data"]);
  expect(refused({ a: Number.POSITIVE_INFINITY })).toEqual(["data.a"]);
  expect(refused(JSON.parse('{"a":{"__proto__":{"x":1}}}'))).toEqual(["data.a.__proto__"]);
  expect(refused(JSON.parse('{"constructor":1}'))).toEqual(["data.constructor"]);
  expect(refused({ a: () => 1 })).toEqual(["data.a"]);
  expect(refused({ a: new Date() })).toEqual(["data.a"]);
  expect(refused({ a: undefined })).toEqual(["data.a"]);
  expect(refused({ ok: [null, true, 1.5, "✓"] })).toEqual([]);
});

test("values beyond the limits are refused in bounded time", () => {
  const free = schemaOf({ additionalProperties: true });
  let deep: unknown = 1;
  for (let index = 0; index < 20_000; index++) deep = { a: deep };
  let doubled: unknown = [1, 1];
  for (let index = 0; index < 30; index++) doubled = [doubled, doubled];
  for (const value of [
    { deep },
    { doubled },
    { many: Array.from({ length: 1_000_000 }, () => 1) },
    { long: "x".repeat(300_000), more: 1 },
  ]) {
    const begin = computedMs();
    expect(validateData(free, value).length).toBeGreaterThan(0);
    expect(computedMs() - begin).toBeLessThan(1000);
  }
});

test("patterns run in linear time, and their total work is bounded", () => {
  const schema = schemaOf({
    properties: { a: { type: "string", pattern: "^(a+)+$" }, list: { type: "array", items: { type: "string", pattern: "^(x|y{300}z)" } } },
  });
  const begin = computedMs();
  expect(validateData(schema, { a: `${"a".repeat(50_000)}!` }).length).toBe(1);
  expect(validateData(schema, { list: Array.from({ length: 2000 }, () => "x".repeat(100)) }).at(0)?.message).toContain(
    "too much text to check",
  );
  expect(computedMs() - begin).toBeLessThan(5000);
});

test.each<[object, string]>([
  [{ properties: { a: { type: "text" } } }, 'There is no type "text".'],
  [{ properties: { a: { minLength: -1 } } }, "Expected a whole number of at least 0, found -1."],
  [{ properties: { a: { multipleOf: 0 } } }, "Expected a number greater than zero, found 0."],
  [{ properties: { a: { minimum: "1" } } }, 'Expected a number, found "1".'],
  [{ properties: { a: { title: 5 } } }, "Expected text of at most 500 characters, found 5."],
  [{ properties: { a: { format: "datetime" } } }, 'There is no format "datetime". Did you mean "date-time"?'],
  [{ properties: { a: { enum: [] } } }, "Expected a list of 1 to 500 values."],
  [{ properties: { a: { uniqueItems: 1 } } }, "Expected true or false, found 1."],
  [{ properties: { a: { $ref: "#" } } }, 'The keyword "$ref" is not part of the supported JSON Schema.'],
  [{ properties: { a: { type: "string", encrypted: true } } }, "Values here would be stored in plain text"],
  [{ properties: { a: { type: "array", items: { type: "string", encrypted: true } } } }, "Values here would be stored in plain text"],
  [{ properties: { a: { maxLenght: 1 } } }, 'The keyword "maxLenght" is not part of the supported JSON Schema. Did you mean "maxLength"?'],
  [{ properties: { a: { pattern: "(a{1,1000}){1,1000}" } } }, "The regular expression"],
  [{ properties: { a: { pattern: "(?=a)" } } }, "The regular expression is not valid"],
  [{ properties: { a: "string" } }, 'Expected a schema such as { type: string }, found "string".'],
  [{ properties: [] }, "Expected a mapping of property names to schemas, found []."],
  [{ required: "a" }, "Expected a list of property names."],
])("the schema %j is refused", (source, message) => {
  const problems = problemList();
  expect(compileObjectSchema(source, ["data"], problems)).toBeNull();
  expect(problems.problems.map((problem) => problem.message)).toContainEqual(expect.stringContaining(message));
});

test("a schema that is too deep or too large is refused in bounded time", () => {
  let deep: object = { type: "string" };
  for (let index = 0; index < 5000; index++) deep = { type: "array", items: deep };
  const large = {
    properties: Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`p${index}`, { type: "string", pattern: `^(a|b){20}${index}` }]),
    ),
  };
  for (const source of [{ properties: { deep } }, large]) {
    const problems = problemList();
    const begin = computedMs();
    expect(compileObjectSchema(source, ["data"], problems)).toBeNull();
    expect(computedMs() - begin).toBeLessThan(2000);
  }
});
