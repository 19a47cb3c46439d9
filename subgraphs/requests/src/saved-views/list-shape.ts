import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import type { FilterValue } from "@weft/api/filters";
import type { OrderByValue } from "@weft/api/pages";
import {
  coerceInputValue,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { SavedViewList } from "./saved-view.type.js";

const maxColumns = 50;
const columnPattern = /^[A-Za-z][A-Za-z0-9_]{0,99}(\.[A-Za-z][A-Za-z0-9_]{0,99}){0,4}$/;

/** Types of a list: its objects, filter and order. Views are checked against them, as arguments of the list are. */
export const listTypes: Readonly<Record<SavedViewList, { readonly node: string; readonly filter: string; readonly order: string }>> = {
  REQUESTS: { node: "Request", filter: "RequestFilter", order: "RequestOrder" },
  BUILDINGS: { node: "Building", filter: "BuildingFilter", order: "BuildingOrder" },
  ASSETS: { node: "Asset", filter: "AssetFilter", order: "AssetOrder" },
};

/**
 * Reads a stored or new filter as the list's `filter` argument.
 * @throws BadUserInput with every part that the list's filter does not have
 */
export const readFilter = (schema: GraphQLSchema, list: SavedViewList, filter: unknown, path: string): FilterValue =>
  readAs(schema, listTypes[list].filter, filter, path) as FilterValue;

/** Reads an order as the list's `orderBy` argument. @throws BadUserInput */
export const readOrder = (schema: GraphQLSchema, list: SavedViewList, orderBy: unknown, path: string): OrderByValue =>
  readAs(schema, listTypes[list].order, orderBy, path) as OrderByValue;

function readAs(schema: GraphQLSchema, typeName: string, value: unknown, path: string): unknown {
  const type = schema.getType(typeName);
  if (!isInputType(type)) throw new Error(`${typeName} is not an input type of this subgraph.`);
  const problems: Problem[] = [];
  const read = coerceInputValue(value, type, (at, _value, error) =>
    // The message repeats what was sent, however long it is.
    problems.push({ path: [path, ...at].join("."), message: error.message.replaceAll(/"([^"]{40,})"/g, (_, text: string) => quote(text)) }),
  );
  if (problems.length > 0) throw new BadUserInput(problems.slice(0, 20));
  return read;
}

/** Returns a filter that was read as the list's argument as clients write it, so that it can be stored and read again. */
export const writtenFilter = (schema: GraphQLSchema, list: SavedViewList, filter: FilterValue): FilterValue =>
  written(schema.getType(listTypes[list].filter), filter) as FilterValue;

/** Enumerated values that the API reads as numbers, such as priorities, get their names back. */
function written(type: GraphQLType | undefined, value: unknown): unknown {
  if (isNonNullType(type)) return written(type.ofType, value);
  if (value === null || value === undefined) return value;
  if (isListType(type)) return Array.isArray(value) ? value.map((each) => written(type.ofType, each)) : written(type.ofType, value);
  if (isEnumType(type)) return type.serialize(value);
  if (!isInputObjectType(type)) return value;
  const fields = type.getFields();
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, written(fields[name]?.type, inner)]));
}

/**
 * Returns the problems of a view's columns. The first name of each must be a field of the list's objects. Further names can be fields that another
 * subgraph adds.
 */
export function columnProblems(schema: GraphQLSchema, list: SavedViewList, columns: readonly string[]): Problem[] {
  const type = schema.getType(listTypes[list].node);
  if (!isObjectType(type)) throw new Error(`${listTypes[list].node} is not an object type of this subgraph.`);
  if (columns.length > maxColumns) return [{ path: "input.columns", message: `At most ${maxColumns} columns, not ${columns.length}.` }];
  const fields = type.getFields();
  return columns.flatMap((column, index) => {
    const path = `input.columns.${index}`;
    const [first = ""] = column.split(".");
    if (columnPattern.test(column) && Object.hasOwn(fields, first) && first !== "nodeKey")
      return columns.indexOf(column) < index ? [{ path, message: `The column ${quote(column)} is listed twice.` }] : [];
    return [{ path, message: `${quote(column)} is not a field of ${type.name}. Example: ${quote("createdAt")}.` }];
  });
}
