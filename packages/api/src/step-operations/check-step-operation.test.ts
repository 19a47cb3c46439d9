import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { checkStepOperation, type WrittenVariable } from "./check-step-operation.js";

const schema = buildSchema(`
  enum Priority { LOW HIGH }
  input CreateRequestInput { title: String!, priority: Priority, count: Int }
  type Request { id: ID!, title: String!, parts(first: Int): [Request!]! }
  type Query { request(id: ID!): Request, sessions: [ID!]! }
  type Mutation { createRequest(input: CreateRequestInput!): Request, createApiKey(name: String): ID }
`);

const unknownYet: WrittenVariable = null;
const problemsOf = (query: string, variables: Readonly<Record<string, WrittenVariable>> = {}): string[] =>
  checkStepOperation(schema, query, new Map(Object.entries(variables))).map(
    ({ variable, message }) => `${variable ?? "query"}: ${message}`,
  );

test.each([
  ["a query", "query ($id: ID!) { request(id: $id) { title } }", { id: unknownYet }],
  ["a mutation", "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { id } }", { input: { value: { title: "a" } } }],
  ["a variable with a default value", 'query ($id: ID! = "a") { request(id: $id) { id } }', {}],
  ["an optional variable", 'mutation ($c: Int) { createRequest(input: { title: "a", count: $c }) { id } }', {}],
] as const)("%s that fits the schema is accepted", (_what, query, variables) => {
  expect(problemsOf(query, variables)).toEqual([]);
});

test.each([
  [
    "{ request(id: 1) { titel } }",
    {},
    'query: Cannot query field "titel" on type "Request". Did you mean "title"? (line 1, column 20 of the operation)',
  ],
  ["{ nothing }", {}, 'query: Cannot query field "nothing" on type "Query". (line 1, column 3 of the operation)'],
  ["{\n request { id } }", {}, 'query: Field "request" argument "id" of type "ID!" is required'],
  ["{ request(id: $id) { id } }", {}, 'query: Variable "$id" is not defined'],
  ["query ($id: ID!) { request(id: $id) { id } }", {}, "query: The variable $id must have a value of the type ID!. Add it to `variables`."],
  ["query ($id: ID!) { request(id: $id) { id } }", { id: { value: { a: 1 } } }, "id: $id: ID cannot represent value"],
  [
    "query ($id: ID!) { request(id: $id) { id } }",
    { id: unknownYet, other: unknownYet },
    'other: The operation declares no variable "$other".',
  ],
  [
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { id } }",
    { input: { value: { title: "a", priority: "MEDIUM" } } },
    'input: $input at priority: Value "MEDIUM" does not exist in "Priority" enum.',
  ],
  ["mutation { createRequests }", {}, 'query: Cannot query field "createRequests" on type "Mutation". Did you mean "createRequest"?'],
  ["mutation { createApiKey }", {}, "query: A run cannot use createApiKey. It is for people, or not decided yet."],
  ["mutation { ...f } fragment f on Mutation { createApiKey }", {}, "query: A run cannot use createApiKey."],
  ["{ sessions }", {}, "query: A run cannot use sessions, which shows what is a user's own."],
  ["{ request(id: 1) { id: title id } }", {}, 'query: Fields "id" conflict'],
] as const)("%s is refused", (query, variables, expected) => {
  expect(problemsOf(query, variables)[0]).toContain(expected);
});

test("what the variables are is not known if they are one expression", () => {
  expect(checkStepOperation(schema, "query ($id: ID!) { request(id: $id) { id } }", null)).toEqual([]);
});

test("a hostile operation takes little time, and causes few problems", () => {
  const same = `{ request(id: 1) { ${"parts { parts { id title } } ".repeat(400)} } }`;
  const unknown = `{ request(id: 1) { ${Array.from({ length: 2000 }, (_one, at) => `titl${at}`).join(" ")} } }`;
  const began = performance.now();
  expect(problemsOf(same)).toEqual([]);
  expect(problemsOf(unknown).length).toBeLessThanOrEqual(11);
  expect(performance.now() - began).toBeLessThan(2000);
});
