import { getNamedType, getNullableType, type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from "graphql";
import type { RootField } from "./api-schema.js";

const placeholders: Readonly<Record<string, unknown>> = {
  ID: "x",
  String: "x",
  Int: 1,
  SafeInt: 1,
  Float: 1,
  Boolean: true,
  DateTime: "2026-01-01T00:00:00Z",
  JSON: {},
};

/** Returns a value that has the type, with its required fields only. */
function placeholder(type: GraphQLInputType): unknown {
  if (isListType(getNullableType(type))) return [];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (!isInputObjectType(named)) return placeholders[named.name];
  const required = Object.values(named.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(required.map((field) => [field.name, placeholder(field.type)]));
}

/** Returns variables for a root field that fit its types, and nothing else: for what is refused before it is looked at. */
export const requiredVariables = ({ field }: RootField): Record<string, unknown> =>
  Object.fromEntries(field.args.filter(({ type }) => isNonNullType(type)).map(({ name, type }) => [name, placeholder(type)]));
