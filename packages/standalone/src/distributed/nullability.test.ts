import { getNamedType, isListType, isNonNullType, isObjectType, isUnionType, type GraphQLOutputType } from "graphql";
import { expect, test } from "vitest";
import { allSubgraphs } from "../subgraphs.js";

const subgraphs = allSubgraphs();
/** Which subgraph has the things of a type: stubs elsewhere have no more than their key. */
const owners = new Map(
  subgraphs.flatMap(({ name, schema }) =>
    Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && type.astNode?.fields?.some((field) => field.name.value === "createdAt"))
      .map((type) => [type.name, name] as const),
  ),
);

test("every query is nullable: when its subgraph is down, the other fields of the operation are answered", () => {
  const required = subgraphs.flatMap(({ schema }) =>
    Object.values(schema.getQueryType()?.getFields() ?? {})
      .filter((field) => isNonNullType(field.type) && !field.name.startsWith("_"))
      .map((field) => field.name),
  );
  expect(required).toEqual([]);
});

test("every mutation is nullable: what one has done is answered although a later one of the document fails", () => {
  const required = subgraphs.flatMap(({ schema }) =>
    Object.values(schema.getMutationType()?.getFields() ?? {})
      .filter((field) => isNonNullType(field.type))
      .map((field) => field.name),
  );
  expect(required).toEqual([]);
});

/** Whether an absent subgraph takes the object with it: of a list whose members are nullable only those are null. */
function cannotBeAway(type: GraphQLOutputType): boolean {
  const inner = isNonNullType(type) ? type.ofType : type;
  return isListType(inner) ? isNonNullType(inner.ofType) : isNonNullType(type);
}

test("a field that leads into another subgraph is nullable", () => {
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
