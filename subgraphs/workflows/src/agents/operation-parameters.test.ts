import { describe, expect, test } from "vitest";
import { operationParameters } from "./operation-parameters.js";

const propertiesOf = (query: string, given?: unknown): unknown => {
  const read = operationParameters(query, given);
  return read.ok ? read.parameters["properties"] : read.problems;
};
const problemOf = (query: string, given?: unknown): string => {
  const read = operationParameters(query, given);
  return read.ok ? "" : (read.problems[0]?.path ?? "");
};

describe("the parameters of an operation", () => {
  test("are its variables with the types of built-in scalars", () => {
    expect(
      operationParameters(
        "query ($a: ID!, $b: [Int!]! = [1], $c: Boolean, $d: Float!, $e: DateTime) { x(a: $a, b: $b, c: $c, d: $d, e: $e) }",
        null,
      ),
    ).toEqual({
      ok: true,
      parameters: {
        type: "object",
        properties: {
          a: { type: "string", maxLength: 200 },
          b: { type: "array", items: { type: "integer", minimum: -2_147_483_648, maximum: 2_147_483_647 }, maxItems: 100 },
          c: { type: "boolean" },
          d: { type: "number" },
          e: { type: "string", format: "date-time" },
        },
        required: ["a", "d"],
        additionalProperties: false,
      },
    });
  });

  test("are none if it has no variables", () => {
    expect(propertiesOf("{ x }")).toEqual({});
  });

  test("are described by the author where a type is not known here, or a value has to be narrower", () => {
    const properties = { a: { enum: ["LOW", "HIGH"] }, b: { type: "string", maxLength: 3 } };
    expect(propertiesOf("query ($a: Priority!, $b: String) { x(a: $a, b: $b) }", { properties })).toEqual(properties);
  });

  test("cannot have a type that nobody describes", () => {
    expect(problemOf("query ($a: [Priority!]) { x(a: $a) }")).toBe("query");
    expect(problemOf("query ($a: constructor) { x(a: $a) }")).toBe("query");
    expect(problemOf("query ($constructor: Priority) { x(a: $constructor) }")).toBe("query");
  });

  test("cannot have names that objects of JavaScript have", () => {
    expect(problemOf("query ($__proto__: String) { x(a: $__proto__) }")).toMatch(/^parameters\./);
  });

  test("cannot have a description of a variable that there is not", () => {
    expect(problemOf("query ($a: ID) { x(a: $a) }", { properties: { b: { type: "string" } } })).toBe("parameters");
    expect(problemOf("{ x }", { properties: { a: { type: "nothing" } } })).toBe("parameters.properties.a.type");
  });

  test.each(["", "{", "query A { x } query B { x }", "subscription { x }", "type A { x: Int }", `{ ${"x ".repeat(10_001)} }`])(
    "need one query or mutation: %s",
    (query) => {
      expect(problemOf(query)).toBe("query");
    },
  );
});
