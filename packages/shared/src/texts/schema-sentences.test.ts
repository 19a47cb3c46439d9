import { expect, test } from "vitest";
import { z } from "zod";
import { parsedBy, schemaProblems } from "./schema-sentences.js";

const schema = z.strictObject({
  name: z.string().min(2).max(5),
  port: z.int().min(1).max(65_535),
  ratio: z.number().lt(1).optional(),
  method: z.enum(["GET", "POST"]),
  version: z.literal(1).optional(),
  tags: z.array(z.string()).max(1).optional(),
  site: z.url().optional(),
  key: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  count: z.union([z.string(), z.number()]).optional(),
  own: z.string("Write a text of your own.").optional(),
  headers: z.record(z.string().regex(/^x-/), z.string()).optional(),
  login: z
    .discriminatedUnion("type", [z.object({ type: z.literal("NONE") }), z.object({ type: z.literal("BASIC"), user: z.string() })])
    .optional(),
});

const problemsOf = (value: unknown): string[] => schemaProblems(schema, value, "input").map(({ path, message }) => `${path}: ${message}`);
const valid = { name: "abc", port: 80, method: "GET" };

test("what zod says becomes sentences of Weft, with all problems at once", () => {
  expect(problemsOf({ port: "80", method: "PUT", nme: 1 })).toEqual([
    "input.name: It is missing.",
    "input.port: Expected a number, found a text.",
    'input.method: Expected one of "GET", "POST".',
    'input: The name "nme" does not exist here. Did you mean "name"?',
  ]);
  expect(problemsOf({ name: "abcdef", port: 70_000, method: "GET", tags: ["a", "b"], ratio: 1 })).toEqual([
    "input.name: Use at most 5 characters.",
    "input.port: The maximum is 65535.",
    "input.ratio: It must be less than 1.",
    "input.tags: There can be at most 1 item.",
  ]);
  expect(problemsOf({ name: "a", port: 1.5, method: null, version: 2, tags: {} })).toEqual([
    "input.name: Use at least 2 characters.",
    "input.port: Expected a whole number, found a number.",
    'input.method: Expected one of "GET", "POST".',
    "input.version: Expected 1.",
    "input.tags: Expected a list, found an object.",
  ]);
  expect(problemsOf({ ...valid, site: "no", key: "A1", count: null, headers: { y: "1" } })).toEqual([
    "input.site: It is not a valid URL.",
    "input.key: It does not match the pattern /^[a-z]+$/.",
    "input.count: Expected a text or a number, found null.",
    "input.headers.y: This name is not allowed here. It does not match the pattern /^x-/.",
  ]);
  expect(problemsOf(undefined)).toEqual(["input: It is missing."]);
});

test("a value of a union names what tells its forms apart", () => {
  expect(problemsOf({ ...valid, login: { type: "TOKEN" } })).toEqual(['input.login.type: Expected one of "NONE", "BASIC".']);
  expect(problemsOf({ ...valid, login: {} })).toEqual(['input.login.type: Expected one of "NONE", "BASIC".']);
  expect(problemsOf({ ...valid, login: "NONE" })).toEqual(["input.login: Expected an object, found a text."]);
});

test("a message that the schema itself has stays", () => {
  expect(problemsOf({ ...valid, own: 1 })).toEqual(["input.own: Write a text of your own."]);
  expect(parsedBy(schema, valid).success).toBe(true);
});
