import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
} from "graphql";

const maxColumns = 50;
const columnPattern = /^[A-Za-z][A-Za-z0-9_]{0,99}(\.[A-Za-z][A-Za-z0-9_]{0,99}){0,4}$/;

/**
 * Returns the selection set that reads the columns of a type's objects.
 * @param path of the columns, for errors
 * @throws BadUserInput with every column that cannot be exported, and why
 */
export function selectionOf(
  schema: GraphQLSchema,
  { typeName, columns, path }: { readonly typeName: string; readonly columns: readonly string[]; readonly path: string },
): string {
  if (columns.length === 0 || columns.length > maxColumns)
    throw new BadUserInput([{ path, message: `Choose 1 to ${maxColumns} columns, not ${columns.length}.` }]);
  const type = schema.getType(typeName);
  if (type === undefined) throw new Error(`${typeName} is not a type of this subgraph.`);
  const problems: Problem[] = [];
  const selections = columns.map((column, index) => {
    const selected = columns.indexOf(column) < index ? { problem: "is listed twice." } : selectionIn(schema, type, column);
    if ("selection" in selected) return selected.selection;
    problems.push({ path: `${path}.${index}`, message: `The column ${quote(column)} ${selected.problem}` });
    return "";
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  // Fields without arguments that are selected repeatedly are merged.
  return selections.join(" ");
}

type Selected = { readonly selection: string } | { readonly problem: string };

const selectionIn = (schema: GraphQLSchema, type: GraphQLNamedType, column: string): Selected =>
  columnPattern.test(column)
    ? select(schema, type, column.split("."))
    : { problem: "is not a path of fields. Use names that are separated by dots, for example building.name." };

function select(schema: GraphQLSchema, type: GraphQLNamedType, [name = "", ...rest]: readonly string[]): Selected {
  if (isAbstractType(type)) return selectOfEach(schema, schema.getPossibleTypes(type), [name, ...rest]);
  const field = isObjectType(type) && name !== "nodeKey" ? type.getFields()[name] : undefined;
  if (field === undefined) return { problem: `does not exist: ${type.name} has no field ${quote(name)} that can be exported.` };
  return selectField(schema, field, rest);
}

function selectField(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, rest: readonly string[]): Selected {
  const type = getNamedType(field.type);
  if (field.args.length > 0) return { problem: `cannot be exported, because the field ${quote(field.name)} has arguments.` };
  if (isLeafType(type))
    return rest.length === 0 || type.name === "JSON"
      ? { selection: field.name }
      : { problem: `does not exist: ${quote(field.name)} is a value without fields.` };
  if (isListType(getNullableType(field.type)))
    return { problem: `cannot be exported, because the field ${quote(field.name)} is a list of objects.` };
  if (rest.length === 0) return { problem: "is an object. Add the name of one of its fields." };
  const inner = select(schema, type, rest);
  return "selection" in inner ? { selection: `${field.name} { ${inner.selection} }` } : inner;
}

/** Of a union, those members that have the field. */
function selectOfEach(schema: GraphQLSchema, types: readonly GraphQLNamedType[], keys: readonly string[]): Selected {
  const each = types.map((type) => ({ type, selected: select(schema, type, keys) }));
  const found = each.flatMap(({ type, selected }) => ("selection" in selected ? [`... on ${type.name} { ${selected.selection} }`] : []));
  const [first] = each;
  if (found.length > 0) return { selection: found.join(" ") };
  return first && "problem" in first.selected ? first.selected : { problem: "does not exist." };
}

/** Returns the value of a column in an object of the answer. Null if there is none on the path. */
export function valueAt(object: unknown, column: string): unknown {
  let value = object;
  for (const name of column.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? null;
}
