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

test("reports a node that resolved to null as not found once, under its alias", () => {
  expect(missing("query ($id: ID!) { a: node(id: $id) { id } }", { a: null })).toEqual([[["a"], 'No Node with the ID "usr_1" exists.']]);
  expect(missing('{ node(id: "x") { id } ... { node(id: "x") { id } } }', { node: null })).toHaveLength(1);
});

test("does not report failed fields as missing: neither those with their own error, nor any field if an error has no path", () => {
  const query = '{ node(id: "x") { id } b: node(id: "y") { id } }';
  const at = (path?: string[]): GraphQLFormattedError[] => [{ message: "down", ...(path && { path }) }];
  expect(missing(query, { node: null, b: null }, at(["node", "id"]))).toEqual([[["b"], 'No Node with the ID "y" exists.']]);
  expect(missing(query, { node: null, b: null }, at())).toEqual([]);
  expect(missing(query, { node: null, b: null }, at([]))).toEqual([]);
  expect(missing(query, null)).toEqual([]);
});

test("allows other fields to be null, and ignores fields that a directive omitted", () => {
  expect(missing('{ nodes(ids: ["x"]) { id } other { id } }', { nodes: [null], other: null })).toEqual([]);
  expect(missing('{ node(id: "x") @skip(if: true) { id } }', {})).toEqual([]);
  expect(missing("{ node: other { id } }", { node: null })).toEqual([]);
});
