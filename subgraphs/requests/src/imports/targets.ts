import { type Problem, quote } from "@weft/shared/errors";
import { type ImportedList, vendorImports } from "@weft/api/imports";
import {
  getNamedType,
  getNullableType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from "graphql";
import type { ImportList } from "./import.type.js";
import { importedLists } from "./imported-lists.js";

/** What the columns of a file can set. */
export interface ImportShape {
  readonly list: ImportList;
  /** Input of the mutation that creates the objects. */
  readonly input: GraphQLInputObjectType;
  /** References by their names. */
  readonly references: Readonly<Record<string, { readonly field: string }>>;
}

/** What the values of a column set. */
export type Target =
  | { readonly kind: "id" | "externalId" }
  /** A field of the input. */
  | { readonly kind: "value"; readonly path: readonly string[]; readonly typeName: string; readonly isList: boolean }
  /** A property of a JSON field, such as a custom field. */
  | { readonly kind: "property"; readonly path: readonly [field: string, name: string] }
  /** An ID of the input, by a key of the object. */
  | { readonly kind: "reference"; readonly path: readonly [field: string]; readonly by: string };

/** A column of the file and what it sets. */
export interface MappedColumn {
  readonly column: string;
  /** Place of its values in a line. */
  readonly index: number;
  readonly field: string;
  readonly target: Target;
}

const propertyPattern = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const leftOut: ReadonlySet<string> = new Set(["idempotencyKey", "externalId"]);

/** Returns an input type of the subgraph. */
export function inputType(schema: GraphQLSchema, name: string): GraphQLInputObjectType {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`${name} is not an input type of this subgraph.`);
  return type;
}

/** @param schema that of the subgraph that owns the objects */
export const shapeOf = (schema: GraphQLSchema, list: ImportList, { createInput, references }: ImportedList): ImportShape => ({
  list,
  input: inputType(schema, createInput),
  references,
});

/** Returns what the columns of an import can set that is created in this subgraph. @param schema that of this subgraph */
export const newShape = (schema: GraphQLSchema, list: ImportList): ImportShape =>
  list === "VENDORS" ? { list, input: vendorImports.input, references: {} } : shapeOf(schema, list, importedLists[list]);

/** Returns what a field of a mapping sets. Null if it is not a field that imports can set. */
export function targetOf({ input, references }: ImportShape, field: string): Target | null {
  if (field === "id" || field === "externalId") return { kind: field };
  const reference = Object.hasOwn(references, field) ? references[field] : undefined;
  if (reference !== undefined) return { kind: "reference", path: [reference.field], by: field };
  return targetIn(input, field.split("."), []);
}

function targetIn(type: GraphQLInputObjectType, [name = "", ...rest]: readonly string[], above: readonly string[]): Target | null {
  const field: GraphQLInputField | undefined = type.getFields()[name];
  if (field === undefined || leftOut.has(name)) return null;
  const named = getNamedType(field.type);
  const path = [...above, name];
  if (isInputObjectType(named)) return rest.length === 0 ? null : targetIn(named, rest, path);
  const [property = "", ...deeper] = rest;
  if (rest.length === 0) return { kind: "value", path, typeName: named.name, isList: isListType(getNullableType(field.type)) };
  if (named.name !== "JSON" || above.length > 0 || deeper.length > 0 || !propertyPattern.test(property)) return null;
  return { kind: "property", path: [name, property] };
}

/** Returns the problems of a mapping that a client gives. */
export function mappingProblems(shape: ImportShape, mapping: readonly { readonly column: string; readonly field: string }[]): Problem[] {
  if (mapping.length === 0 || mapping.length > maxColumns)
    return [{ path: "input.mapping", message: `Map 1 to ${maxColumns} columns, not ${mapping.length}.` }];
  return mapping.flatMap(({ column, field }, index): Problem[] => {
    const path = `input.mapping.${index}`;
    if (targetOf(shape, field) === null)
      return [
        { path: `${path}.field`, message: `Imports of ${shape.list} cannot set ${quote(field)}. Use ${fieldNames(shape).join(", ")}.` },
      ];
    if (mapping.findIndex((other) => other.field === field) < index)
      return [{ path: `${path}.field`, message: `Two columns set ${quote(field)}. Map one of them.` }];
    return mapping.findIndex((other) => other.column === column) < index
      ? [{ path: `${path}.column`, message: `The column ${quote(column)} is mapped twice.` }]
      : [];
  });
}

/** Columns of a file. */
export const maxColumns = 100;

/** Names of the fields that imports can set. Custom fields and data are named like `fields.colour`. */
export const fieldNames = ({ input, references }: ImportShape): string[] => [
  "id",
  "externalId",
  ...namesIn(input),
  ...Object.keys(references),
];

const namesIn = (type: GraphQLInputObjectType, above = ""): string[] =>
  Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    if (leftOut.has(field.name)) return [];
    return isInputObjectType(named) ? namesIn(named, `${above}${field.name}.`) : [`${above}${field.name}`];
  });

/** Fields that a new object must have. */
export const requiredFields = ({ input }: ImportShape): string[] =>
  Object.values(input.getFields())
    .filter((field) => isRequiredInputField(field))
    .map(({ name }) => name);

/** Header names are compared without spaces, hyphens, underscores and case: `Serial number` is `serialNumber`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, "");

/** Returns the columns whose names in the header are those of fields. */
export function mappingByName(shape: ImportShape, columns: readonly string[]): { readonly column: string; readonly field: string }[] {
  const known = new Map(fieldNames(shape).map((name) => [plain(name), name]));
  const used = new Set<string>();
  return columns.flatMap((column) => {
    const field = known.get(plain(column)) ?? (targetOf(shape, column) === null ? undefined : column);
    if (field === undefined || used.has(field)) return [];
    used.add(field);
    return [{ column, field }];
  });
}

/** Returns the columns of a file with what they set. Columns that the file does not have are omitted. */
export const mappedColumns = (
  shape: ImportShape,
  {
    columns,
    mapping,
  }: { readonly columns: readonly string[]; readonly mapping: readonly { readonly column: string; readonly field: string }[] },
): MappedColumn[] =>
  mapping.flatMap(({ column, field }): MappedColumn[] => {
    const index = columns.indexOf(column);
    const target = targetOf(shape, field);
    return index < 0 || target === null ? [] : [{ column, index, field, target }];
  });
