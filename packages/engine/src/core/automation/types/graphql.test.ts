import { expect, test } from "vitest";
import { compile } from "../../definition/compile.js";
import { parseDefinition } from "../../document/parse.js";
import { withCheckedOperations, type CheckOperation } from "./graphql.js";
import { STEP_TYPES } from "./step-types.js";

type Asked = Parameters<CheckOperation>;

/** Problems of an automation with one graphql step, and what the host was asked. */
function checked(step: string, check: (...asked: Asked) => ReturnType<CheckOperation> = () => []): { problems: string[]; asked: Asked[] } {
  const asked: Asked[] = [];
  const stepTypes = withCheckedOperations(STEP_TYPES, (...one) => {
    asked.push(one);
    return check(...one);
  });
  const parsed = parseDefinition(`weft: 1\nkind: automation\nkey: a\nname: A\nsteps:\n  - id: s\n    type: graphql\n    with:\n${step}`);
  const result = compile(parsed.document, { locate: parsed.locate, stepTypes });
  return { problems: result.ok ? [] : result.problems.map(({ path, line, message }) => `${line}: ${path}: ${message}`), asked };
}

test("the host checks the operation with the variables that are known", () => {
  const { asked } = checked(`      query: "{ a }"\n      variables: { id: "{{ run.id }}", list: ["{{ run.id }}"], n: 1 }\n`);
  expect(asked).toEqual([
    [
      "{ a }",
      new Map([
        ["id", null],
        ["list", null],
        ["n", { value: 1 }],
      ]),
    ],
  ]);
});

test.each([
  ["omitted variables are none", "", new Map()],
  ["constant variables are known", "      variables: { n: 1 }\n", new Map([["n", { value: 1 }]])],
])("%s", (_what, variables, expected) => {
  expect(checked(`      query: "{ a }"\n${variables}`).asked).toEqual([["{ a }", expected]]);
});

test("problems are reported with the lines of the operation and of the variable", () => {
  const { problems } = checked(`      query: |\n        { a }\n      variables:\n        m: 1\n        n: "{{ run.id }}"\n`, () => [
    { variable: null, message: "No a." },
    { variable: "n", message: "No n." },
  ]);
  expect(problems).toEqual(["9: steps[0].with.query: No a.", "13: steps[0].with.variables.n: No n."]);
});

test("the host is not asked about a text that is not one operation", () => {
  const { problems, asked } = checked(`      query: "{ a"\n`);
  expect([asked, problems]).toEqual([[], [expect.stringContaining("9: steps[0].with.query: The GraphQL operation is invalid")]]);
});
