import { buildSchema, getOperationAST, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { coordinatesIn, placesOf } from "./coordinates-in.js";

const schema = buildSchema(`
  type Query { me: User! building(id: ID!): Building node: Node }
  interface Node { id: ID! }
  type Building implements Node { id: ID! manager: User costs: [Cost!] }
  type User implements Node { id: ID! boss: User }
  type Cost { amount: Int }
`);

const at = (query: string, path?: (string | number)[]): string | undefined => {
  const document = parse(query);
  const operation = getOperationAST(document);
  return operation ? coordinatesIn(schema, document, operation)(path) : undefined;
};

describe("the coordinate of a path", () => {
  test("names the type that has the field, whatever its alias and the indexes around it", () => {
    expect(at('{ b: building(id: "1") { all: costs { amount } } }', ["b", "all", 3, "amount"])).toBe("Cost.amount");
  });

  test("is found behind fragments and in selections that are merged", () => {
    const query = `{ node { id ...More } node { ... on Building { costs { amount } } } }
      fragment More on Building { manager { id } }`;
    expect(at(query, ["node", "manager", "id"])).toBe("User.id");
    expect(at(query, ["node", "costs"])).toBe("Building.costs");
  });

  test("is that of the first root field if there is no path", () => {
    expect(at("{ ...All } fragment All on Query { me { id } node { id } }")).toBe("Query.me");
    expect(at("{ __schema { types { name } } }")).toBe("Query.__schema");
  });

  test("is never a name that a client has made up", () => {
    expect(at("{ drop_everything me { id } }")).toBe("Query.me");
    expect(at("{ drop_everything }")).toBeUndefined();
    expect(at("{ __evil }")).toBeUndefined();
  });
});

test("fragments that spread each other a billion times are read once each", () => {
  const doubling = Array.from({ length: 30 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(" ");
  const query = `{ ...F0 } ${doubling} fragment F30 on Query { unknown me { boss { id } } }`;
  expect(at(query)).toBe("Query.me");
  expect(at(query, ["missing"])).toBeUndefined();
  expect(at(query, ["me", "boss", "id"])).toBe("User.id");
});

test("fragments that spread themselves end", () => {
  expect(at("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A me { id } }", ["me"])).toBe("Query.me");
});

describe("the places of fields", () => {
  const placesIn = (query: string, ...wanted: string[]): Record<string, string[]> => {
    const document = parse(query);
    const operation = getOperationAST(document);
    const found = operation ? placesOf(schema, document, operation, new Set(wanted)) : new Map<string, string[][]>();
    return Object.fromEntries([...found].map(([coordinate, places]) => [coordinate, places.map((place) => place.join("."))]));
  };

  test("are the aliases from the root to each of them, behind fragments too", () => {
    const query = `{ a: me { ...Boss } b: node { ... on User { boss { id } } ... on Building { manager { ...Boss } } } }
      fragment Boss on User { top: boss { id } }`;
    expect(placesIn(query, "User.boss", "Building.costs")).toEqual({ "User.boss": ["a.top", "b.boss", "b.manager.top"] });
  });

  test("are found once where fragments spread each other a billion times", () => {
    const doubling = Array.from({ length: 30 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(" ");
    expect(placesIn(`{ ...F0 } ${doubling} fragment F30 on Query { me { id } }`, "Query.me")).toEqual({ "Query.me": ["me"] });
  });
});
