import fc from "fast-check";
import { expect, test } from "vitest";
import { problemList } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import { checkCondition, checkOperand } from "./check.js";
import { contextOf } from "./context.js";
import { evaluateCondition, evaluateOperand } from "./evaluate.js";
import { parseCondition, parseOperand } from "./syntax/parse.js";
import { MAX_SOURCE_CHARS } from "../model/condition.js";

const actor = { id: "ana", roles: ["operations"], permissions: [], principals: { userIds: ["ana"], teamIds: [], vendorId: null } };
const subject = { state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null };
const data = compileObjectSchema(
  { properties: { n: { type: "number" }, list: { type: "array" } }, additionalProperties: true },
  [],
  problemList(),
);

const word = fc.constantFrom(
  ..."data input actor instance now comment n list a true false null in has size matches contains startsWith sum min exists all map filter x 1 -1 1.5 1e400 0x1f 1u 'a' \"b\" b'c' r'd' '''e'''".split(
    " ",
  ),
  ..."( ) [ ] { } . , ? : ! && || == != < <= > >= + - * / % ; @ # $ ` \\ // \u0000 \ud800 \u202e".split(" "),
);
/** Texts that are CEL, texts that are almost CEL, and arbitrary texts. */
const sources = fc.oneof(
  { weight: 5, arbitrary: fc.array(word, { maxLength: 40 }).map((words) => words.join(" ")) },
  fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  fc.string({ maxLength: 200, unit: "binary" }),
  fc
    .tuple(fc.constantFrom("(", "!", "-", "[", "data.", "has(", "1 + ", "a ? b : "), fc.integer({ min: 1, max: 5000 }))
    .map(([part, times]) => part.repeat(times)),
);

test("any text of a condition gives a bounded tree or one error message, and every parsed condition can be checked and evaluated", () => {
  let understood = 0;
  const values = fc.jsonValue({ maxDepth: 3 });
  const before = process.threadCpuUsage();
  fc.assert(
    fc.property(sources, values, values, (source, n, list) => {
      const context = contextOf(subject, { data: { n, list } as never, actor, now: "2026-03-01T00:00:00Z" });
      const condition = parseCondition(source);
      if (condition.ok) {
        understood++;
        expect(JSON.stringify(condition.value).length).toBeLessThan(100 * MAX_SOURCE_CHARS);
        for (const { message } of checkCondition(condition.value, { data, input: null, isAction: false }))
          expect(message).toMatch(/[.!?]$/);
        const result = evaluateCondition(condition.value, context);
        expect(evaluateCondition(condition.value, context)).toEqual(result);
        if (!result.holds) expect(result.failures.length).toBeGreaterThan(0);
      } else expect(condition.message).toMatch(/[.!?]$/);
      const operand = parseOperand(source);
      if (!operand.ok) return;
      checkOperand(operand.value, { data, input: data, isAction: true }, ["data", "n"]);
      evaluateOperand(operand.value, context);
    }),
    { numRuns: 2000 },
  );
  expect(understood).toBeGreaterThan(20);
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(20);
});
