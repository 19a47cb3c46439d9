import { buildSchema, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { deprecatedInVariables, usedElements } from "./used-elements.js";

const schema = buildSchema(`
  type Query { node(id: ID!): Node people(filter: Filter, first: Int, order: [Order!]): [Person!]! }
  interface Node { id: ID! }
  type Person implements Node { id: ID! name(in: Language = EN): String friends(first: Int): [Person!]! }
  input Filter { name: String old: String @deprecated(reason: "Use name.") any: [Filter!] }
  input Order { by: Field! }
  enum Field { NAME AGE @deprecated(reason: "Use NAME.") }
  enum Language { EN DE }
`);
const used = (query: string, operationName?: string) => usedElements(schema, parse(query), operationName);
const coordinates = (query: string, operationName?: string): string[] => [...used(query, operationName).coordinates].toSorted();

describe("the elements that an operation uses", () => {
  test("are its fields and arguments, and what its literals contain", () => {
    expect(coordinates('{ people(filter: { any: [{ name: "A" }] }, order: { by: NAME }) { name(in: DE) } }')).toEqual([
      "Field.NAME",
      "Filter.any",
      "Filter.name",
      "Language.DE",
      "Order.by",
      "Person.name",
      "Person.name(in:)",
      "Query.people",
      "Query.people(filter:)",
      "Query.people(order:)",
    ]);
  });

  test("include those of its fragments, also of fragments in fragments, each once", () => {
    const query = "{ people { ...A ... on Person { ...A } } } fragment A on Person { friends { ...B } } fragment B on Person { id }";
    expect(coordinates(query)).toEqual(["Person.friends", "Person.id", "Query.people"]);
  });

  test("are those of the operation that runs, not of others in the document", () => {
    const query = "query One { people { id } } query Other { people { ...A } } fragment A on Person { name }";
    expect(coordinates(query, "One")).toEqual(["Person.id", "Query.people"]);
    expect(coordinates(query, "Other")).toEqual(["Person.name", "Query.people"]);
  });

  test("are neither introspection nor directives, and a field of an interface is that of the interface", () => {
    const query = 'query ($a: Boolean!) { __schema { types { name } } __typename node(id: "1") { id @include(if: $a) __typename } }';
    expect(coordinates(query)).toEqual(["Node.id", "Query.node", "Query.node(id:)"]);
  });

  test("are read once for each document", () => {
    const document = parse("{ people { id } }");
    expect(usedElements(schema, document, undefined)).toBe(usedElements(schema, document, undefined));
  });
});

describe("deprecated elements in variables", () => {
  const inVariables = (query: string, variables: Record<string, unknown>): string[] =>
    [...deprecatedInVariables(schema, used(query), variables)].toSorted();
  const query = "query ($filter: Filter, $order: [Order!], $first: Int) { people(filter: $filter, order: $order, first: $first) { id } }";

  test("are found at any depth, and in lists", () => {
    expect(inVariables(query, { filter: { any: [{ old: "A" }, { name: "B" }] }, order: [{ by: "AGE" }] })).toEqual([
      "Field.AGE",
      "Filter.old",
    ]);
  });

  test("are not found if they are not given", () => {
    expect(inVariables(query, { filter: { name: "A", any: [] }, order: { by: "NAME" }, first: 3 })).toEqual([]);
    expect(inVariables(query, {})).toEqual([]);
  });

  test("are looked for only in variables whose types have any", () => {
    expect(used(query).variables.map(({ name }) => name)).toEqual(["filter", "order"]);
  });
});
