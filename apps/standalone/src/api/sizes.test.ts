import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import {
  buildASTSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isObjectType,
  parse,
  valueFromASTUntyped,
} from "graphql";
import type { GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLInputType } from "graphql";
import { expect, test } from "vitest";

const schema = buildASTSchema(parse(composedSupergraph()), { assumeValidSDL: true });

/** Lists whose length does not follow from an argument that has a number or a list: why. They count as ten items. */
const exceptions: Readonly<Record<string, string>> = {
  "Query.lastActions": "It has an item for each user and action, and how many actions there are is known only afterwards.",
  "Query.auditEntryCounts": "It has an item for each interval of the period in its filter that has entries.",
};

interface SizedList {
  /** `Mutation.takeSteps`, or `Mutation.takeSteps steps` for a list of the object that it returns. */
  readonly name: string;
  readonly isSized: boolean;
}

const isListOfObjects = (field: GraphQLField<unknown, unknown>): boolean =>
  isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type));

/** Arguments, and members of inputs, that say how many items there are: a number with one of these names, or a list of IDs or of inputs. */
function saysHowMany({ name, type }: GraphQLArgument | GraphQLInputField): boolean {
  if (["first", "last", "max"].includes(name)) return true;
  if (!isListType(getNullableType(type))) return false;
  return isInputObjectType(getNamedType(type)) || /^(?:ids|\w+Ids|leases)$/.test(name);
}

const countsIn = (given: readonly (GraphQLArgument | GraphQLInputField)[], entered: readonly string[] = []): string[] =>
  given.flatMap((each) => {
    if (saysHowMany(each)) return [each.name];
    return membersOf(each.type, entered).map((path) => `${each.name}.${path}`);
  });

function membersOf(type: GraphQLInputType, entered: readonly string[]): string[] {
  const named = getNamedType(type);
  // What is within the items of a list does not say how many there are.
  if (!isInputObjectType(named) || isListType(getNullableType(type)) || entered.includes(named.name)) return [];
  return countsIn(Object.values(named.getFields()), [...entered, named.name]);
}

function sizesOf({ astNode }: GraphQLField<unknown, unknown>): Readonly<Record<string, unknown>>[] {
  const sized = astNode?.directives?.filter(({ name }) => name.value === "sized") ?? [];
  return sized.map(({ arguments: given = [] }) =>
    Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)])),
  );
}

/** The lists that a field returns: itself, or those of its payload. */
function listsOf(field: GraphQLField<unknown, unknown>): { readonly list: string; readonly isSized: boolean }[] {
  const sizes = sizesOf(field);
  const type = getNamedType(field.type);
  const isSized = (list: string): boolean =>
    sizes.some(({ fields }) => (list === "" ? fields === undefined : Array.isArray(fields) && fields.includes(list)));
  const lists = isListOfObjects(field)
    ? [""]
    : isObjectType(type) && type.name.endsWith("Payload")
      ? Object.values(type.getFields()).flatMap((each) => (isListOfObjects(each) ? [each.name] : []))
      : [];
  return lists.map((list) => ({ list, isSized: isSized(list) }));
}

const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith("_") && !type.name.startsWith("join__")
    ? Object.values(type.getFields()).map((field) => ({ field, coordinate: `${type.name}.${field.name}` }))
    : [],
);
const lists: SizedList[] = fields
  .filter(({ field }) => countsIn(field.args).length > 0)
  .flatMap(({ field, coordinate }) => listsOf(field).map(({ list, isSized }) => ({ name: `${coordinate} ${list}`.trimEnd(), isSized })));

test("every list whose length an argument says, apart from connections, declares its size", () => {
  const names = lists.map(({ name }) => name);
  for (const known of ["WorkCalendar.days", "Query.nodes", "Query.nextRuns", "Mutation.takeSteps steps", "Mutation.completeSteps steps"])
    expect(names).toContain(known);
  const unsized = lists.filter(({ name, isSized }) => !isSized && !(name in exceptions)).map(({ name }) => name);
  expect(unsized).toEqual([]);
});

test("the exceptions are lists that an argument could size, and that declare no size", () => {
  const unsized = lists.filter(({ isSized }) => !isSized).map(({ name }) => name);
  expect(Object.keys(exceptions).filter((name) => !unsized.includes(name))).toEqual([]);
});

test("every size is that of an argument, and of lists that exist", () => {
  const problems = fields.flatMap(({ field, coordinate }) =>
    sizesOf(field).flatMap(({ by, needs, fields: sized }) => {
      const paths = [...(by as string[]), ...(needs === undefined ? [] : [needs as string])];
      const unknownPaths = paths.filter((path) => !hasPath(field, path.split(".")));
      const type = getNamedType(field.type);
      const unknownLists = ((sized as string[] | undefined) ?? []).filter((name) => !isObjectType(type) || !(name in type.getFields()));
      return [...unknownPaths, ...unknownLists].map((name) => `${coordinate}: ${name}`);
    }),
  );
  expect(problems).toEqual([]);
});

function hasPath({ args }: GraphQLField<unknown, unknown>, [argument = "", ...path]: readonly string[]): boolean {
  let type = args.find(({ name }) => name === argument)?.type;
  for (const member of path) {
    const named = type && getNamedType(type);
    type = isInputObjectType(named) ? named.getFields()[member]?.type : undefined;
  }
  return type !== undefined;
}
