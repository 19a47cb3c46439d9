import { buildSchema, parse } from "graphql";
import { expect, test } from "vitest";
import { resolveOperation } from "../operations.js";
import { withIdempotencyKeys } from "./idempotency-keys.js";

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
  expect(keyed("mutation ($input: Keyed!) { keyed(input: $input) }", given)).toEqual({
    query: "mutation ($input_1: Keyed!) { keyed(input: $input_1) }",
    variables: { input_1: { name: "x", idempotencyKey: "k" } },
  });
  expect(given).toEqual({ input: { name: "x" } });
});

test("mutations that share a variable have different keys", () => {
  const query =
    "mutation ($i: Keyed!) { a: keyed(input: $i) b: keyed(input: $i) ...more } fragment more on Mutation { c: keyed(input: $i) }";
  const sent = keyed(query, { i: { name: "x" } });
  expect(sent.query).toBe(
    "mutation ($i_1: Keyed!, $i_2: Keyed!, $i_3: Keyed!) { a: keyed(input: $i_1) b: keyed(input: $i_2) ...more } fragment more on Mutation { c: keyed(input: $i_3) }",
  );
  expect(sent.variables).toEqual({
    i_1: { name: "x", idempotencyKey: "k" },
    i_2: { name: "x", idempotencyKey: "k-1" },
    i_3: { name: "x", idempotencyKey: "k-2" },
  });
});

test("mutations in fragments, named, inline, or within each other, get keys after those of the operation itself", () => {
  const query = `fragment more on Mutation { ... @include(if: true) { c: keyed(input: { name: "c" }) ...most } }
    mutation { ...more ...more ... on Mutation { b: keyed(input: { name: "b" }) } a: keyed(input: { name: "a" }) }
    fragment most on Mutation { d: keyed(input: { name: "d" }) ...more }`;
  expect(keyed(query).query).toBe(
    'mutation { ...more ...more ... on Mutation { b: keyed(input: {name: "b", idempotencyKey: "k-3"}) } a: keyed(input: {name: "a", idempotencyKey: "k"}) } ' +
      'fragment more on Mutation { ... @include(if: true) { c: keyed(input: {name: "c", idempotencyKey: "k-1"}) ...most } } ' +
      'fragment most on Mutation { d: keyed(input: {name: "d", idempotencyKey: "k-2"}) ...more }',
  );
});

test("fields that are one mutation, because they have the same name in the result, keep the same arguments", () => {
  const query = "mutation ($i: Keyed!) { keyed(input: $i) ...more } fragment more on Mutation { keyed(input: $i) }";
  expect(keyed(query, { i: { name: "x" } })).toEqual({
    query: "mutation ($i_1: Keyed!) { keyed(input: $i_1) ...more } fragment more on Mutation { keyed(input: $i_1) }",
    variables: { i_1: { name: "x", idempotencyKey: "k" } },
  });
});

test("a variable that has only its default value gets a key too", () => {
  expect(keyed('mutation ($i: Keyed! = { name: "d" }) { keyed(input: $i) }')).toEqual({
    query: "mutation ($i_1: Keyed!) { keyed(input: $i_1) }",
    variables: { i_1: { name: "d", idempotencyKey: "k" } },
  });
});

test("a key of the author is kept", () => {
  expect(keyed(`mutation { keyed(input: { idempotencyKey: "own" }) }`).query).toBe('mutation { keyed(input: {idempotencyKey: "own"}) }');
  const own = { input: { idempotencyKey: null } };
  expect(keyed("mutation ($input: Keyed!) { keyed(input: $input) }", own).variables).toEqual(own);
});
