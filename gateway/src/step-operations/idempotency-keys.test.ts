import { buildSchema, parse } from "graphql";
import { expect, test } from "vitest";
import { resolveOperation } from "../operations.js";
import { withIdempotencyKeys } from "./idempotency-keys.js";
import { rootFieldNames } from "./refused-mutations.js";

const schema = buildSchema(`
  type Query { a: Int }
  input Keyed { name: String, idempotencyKey: String }
  input Plain { name: String }
  type Mutation { keyed(input: Keyed!): Int plain(input: Plain!): Int }
`);

const keyed = (query: string, variables: Record<string, unknown> = {}) => {
  const document = parse(query);
  const sent = withIdempotencyKeys(schema, document, resolveOperation(document, undefined), { variables, key: "k" });
  return { query: sent.query.replaceAll(/\s+/g, " ").trim(), variables: sent.variables };
};

test("inputs that take a key get that of the step, each mutation its own", () => {
  expect(keyed(`mutation { a: keyed(input: { name: "x" }) b: keyed(input: { name: "y" }) plain(input: { name: "z" }) }`).query).toBe(
    'mutation { a: keyed(input: {name: "x", idempotencyKey: "k"}) b: keyed(input: {name: "y", idempotencyKey: "k-1"}) plain(input: {name: "z"}) }',
  );
  const given = { input: { name: "x" } };
  expect(keyed("mutation ($input: Keyed!) { keyed(input: $input) }", given).variables).toEqual({
    input: { name: "x", idempotencyKey: "k" },
  });
  expect(given).toEqual({ input: { name: "x" } });
});

test("a key of the author is kept", () => {
  expect(keyed(`mutation { keyed(input: { idempotencyKey: "own" }) }`).query).toBe('mutation { keyed(input: {idempotencyKey: "own"}) }');
  const own = { input: { idempotencyKey: null } };
  expect(keyed("mutation ($input: Keyed!) { keyed(input: $input) }", own).variables).toEqual(own);
});

test("root fields are found in fragments too, also in those that contain themselves", () => {
  const document = parse("mutation { ...one ... on Mutation { plain(input: {}) } } fragment one on Mutation { keyed(input: {}) ...one }");
  expect([...rootFieldNames(document, resolveOperation(document, undefined).selectionSet)]).toEqual(["keyed", "plain"]);
});
