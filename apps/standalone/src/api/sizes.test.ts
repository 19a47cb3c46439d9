import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import { Kind, parse, type FieldDefinitionNode, type TypeNode } from "graphql";
import { expect, test } from "vitest";

const nameOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type));
const isSized = ({ directives = [] }: FieldDefinitionNode): boolean => directives.some(({ name }) => name.value === "sized");
const hasFirst = ({ arguments: given = [] }: FieldDefinitionNode): boolean => given.some(({ name }) => name.value === "first");

test("every field with a number of items, apart from connections, says how many it can return", () => {
  const fields = parse(composedSupergraph()).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION
      ? (definition.fields ?? []).map((field) => ({ field, coordinate: `${definition.name.value}.${field.name.value}` }))
      : [],
  );
  const withFirst = fields.filter(({ field }) => hasFirst(field) && !nameOf(field.type).endsWith("Connection"));
  expect(withFirst.map(({ coordinate }) => coordinate)).toContain("WorkCalendar.days");
  expect(withFirst.filter(({ field }) => !isSized(field)).map(({ coordinate }) => coordinate)).toEqual([]);
});
