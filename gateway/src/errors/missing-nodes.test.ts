import { buildSchema, getOperationAST, parse } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { expect, test } from "vitest";
import { missingNodes } from "./missing-nodes.js";

const schema = buildSchema("type Query { node(id: ID!): Thing nodes(ids: [ID!]!): [Thing] other: Thing } type Thing { id: ID! }");

function missing(query: string, data: Record<string, unknown> | null, errors: GraphQLFormattedError[] = []): unknown[] {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const found = missingNodes({ schema, document, operation, variables: { id: "usr_1" }, data, errors });
  return found.map(({ path, originalError }) => [path, originalError?.message]);
}

test("a node that came to nothing is not found, under whatever name it was asked for, once", () => {
  expect(missing("query ($id: ID!) { a: node(id: $id) { id } }", { a: null })).toEqual([[["a"], 'There is no Node with id "usr_1".']]);
  expect(missing('{ node(id: "x") { id } ... { node(id: "x") { id } } }', { node: null })).toHaveLength(1);
});

test("what failed is not taken for missing: neither what has its own error, nor anything beside an error without a place", () => {
  const query = '{ node(id: "x") { id } b: node(id: "y") { id } }';
  const at = (path?: string[]): GraphQLFormattedError[] => [{ message: "down", ...(path && { path }) }];
  expect(missing(query, { node: null, b: null }, at(["node", "id"]))).toEqual([[["b"], 'There is no Node with id "y".']]);
  expect(missing(query, { node: null, b: null }, at())).toEqual([]);
  expect(missing(query, { node: null, b: null }, at([]))).toEqual([]);
  expect(missing(query, null)).toEqual([]);
});

test("other fields may be null, and a field that a directive left out is not there", () => {
  expect(missing('{ nodes(ids: ["x"]) { id } other { id } }', { nodes: [null], other: null })).toEqual([]);
  expect(missing('{ node(id: "x") @skip(if: true) { id } }', {})).toEqual([]);
  expect(missing("{ node: other { id } }", { node: null })).toEqual([]);
});
