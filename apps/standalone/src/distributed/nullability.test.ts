import { getNamedType, isListType, isNonNullType, isObjectType, isUnionType, type GraphQLOutputType } from "graphql";
import { expect, test } from "vitest";
import { allSubgraphs } from "../subgraphs.js";

const subgraphs = allSubgraphs();
/** Determines which subgraph owns the objects of a type. Stubs in other subgraphs have only the key. */
const owners = new Map(
  subgraphs.flatMap(({ name, schema }) =>
    Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && type.astNode?.fields?.some((field) => field.name.value === "createdAt"))
      .map((type) => [type.name, name] as const),
  ),
);

test("every query is nullable: if its subgraph is down, the operation's other fields are answered", () => {
  const required = subgraphs.flatMap(({ schema }) =>
    Object.values(schema.getQueryType()?.getFields() ?? {})
      .filter((field) => isNonNullType(field.type) && !field.name.startsWith("_"))
      .map((field) => field.name),
  );
  expect(required).toEqual([]);
});

test("every mutation is nullable: its result is returned although a later mutation of the document fails", () => {
  const required = subgraphs.flatMap(({ schema }) =>
    Object.values(schema.getMutationType()?.getFields() ?? {})
      .filter((field) => isNonNullType(field.type))
      .map((field) => field.name),
  );
  expect(required).toEqual([]);
});

/** Whether an unavailable subgraph makes the whole object null. In a list with nullable members, only those members are null. */
function cannotBeAway(type: GraphQLOutputType): boolean {
  const inner = isNonNullType(type) ? type.ofType : type;
  return isListType(inner) ? isNonNullType(inner.ofType) : isNonNullType(type);
}

test("a field that is resolved by another subgraph is nullable", () => {
  expect([owners.get("User"), owners.get("Request"), owners.get("Vendor")]).toEqual(["identity", "requests", "vendors"]);
  const required = subgraphs.flatMap(({ name, schema }) =>
    Object.values(schema.getTypeMap()).flatMap((type) => {
      if (!isObjectType(type) || type.name.startsWith("_")) return [];
      return Object.values(type.getFields())
        .filter((field) => cannotBeAway(field.type) && !field.name.startsWith("_"))
        .filter((field) => {
          const target = getNamedType(field.type);
          const members = isUnionType(target) ? target.getTypes() : [target];
          return members.some((member) => (owners.get(member.name) ?? name) !== name);
        })
        .map((field) => `${type.name}.${field.name}`);
    }),
  );
  expect(required).toEqual([]);
});
