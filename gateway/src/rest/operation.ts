import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from "graphql";
import { isListOutput, isPage, itemOf, Selections, type Shape, textOf } from "./selection.js";
import type { RestRow } from "./table.js";

/** How the result of an operation becomes a body. */
export type Result =
  /** A page of a list, or a list without pages. */
  | { readonly kind: "page"; readonly item: Shape; readonly hasTotal: boolean }
  | { readonly kind: "items"; readonly item: Shape }
  /** `field`: of the payload. Undefined: the result itself. */
  | { readonly kind: "object"; readonly field: string | undefined; readonly shape: Shape }
  | { readonly kind: "nothing" };

/** A row with its stored operation. */
export interface RestOperation {
  readonly row: RestRow;
  readonly kind: "query" | "mutation";
  readonly field: GraphQLField<unknown, unknown>;
  /** Name of the operation, for logs. */
  readonly name: string;
  /** The document. It is the same for every request, so that it is parsed, checked and planned once. */
  readonly text: string;
  /** Its arguments as callers send them, by name: fields of an `input` stand for themselves. */
  readonly arguments: ReadonlyMap<string, GraphQLArgument | GraphQLInputField>;
  /** Whether it takes an `input`. */
  readonly takesInput: boolean;
  /** Names of the parameters in the path. */
  readonly pathParameters: readonly string[];
  readonly result: Result;
}

/** The variable that asks for the total number of items of a list. */
export const includeTotal = "includeTotal";

/** Returns the rows with their operations: those whose operations the schema has, with the parameters of their paths. */
export function restOperations(schema: GraphQLSchema, rows: readonly RestRow[]): readonly RestOperation[] {
  const selections = new Selections(schema);
  return rows.flatMap((row) => {
    const query = schema.getQueryType()?.getFields()[row.operation];
    const field = query ?? schema.getMutationType()?.getFields()[row.operation];
    if (field === undefined) return [];
    const pathParameters = [...row.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
    const known = argumentsOf(field);
    // A GET never changes anything.
    if (!pathParameters.every((name) => known.has(name)) || (row.method === "GET" && query === undefined)) return [];
    return [operationOf(selections, { row, field, kind: query ? "query" : "mutation", arguments: known, pathParameters })];
  });
}

/** Whether a member is sent as a header, `Idempotency-Key` or `If-Match`, and not in a body. */
export const isHeader = (name: string): boolean => name === "idempotencyKey" || name === "expectedVersion";

const isInput = ({ name, type }: GraphQLArgument): boolean => name === "input" && isInputObjectType(getNamedType(type));

function argumentsOf(field: GraphQLField<unknown, unknown>): RestOperation["arguments"] {
  const flat = field.args.flatMap((argument): (GraphQLArgument | GraphQLInputField)[] => {
    const type = getNamedType(argument.type);
    return isInput(argument) && isInputObjectType(type) ? Object.values(type.getFields()) : [argument];
  });
  return new Map(flat.map((one) => [one.name, one]));
}

function operationOf(
  selections: Selections,
  read: Pick<RestOperation, "row" | "field" | "kind" | "arguments" | "pathParameters">,
): RestOperation {
  const { row, field, kind } = read;
  const { result, selection } = resultOf(selections, row, field);
  const hasTotal = result.kind === "page" && result.hasTotal;
  const name = `Rest${row.operation.charAt(0).toUpperCase()}${row.operation.slice(1)}`;
  const declared = [
    ...field.args.map((one) => `$${one.name}: ${String(one.defaultValue === undefined ? one.type : getNullableType(one.type))}`),
    ...(hasTotal ? [`$${includeTotal}: Boolean! = false`] : []),
  ];
  const passed = field.args.map((one) => `${one.name}: $${one.name}`).join(", ");
  const text = `${kind} ${name}${declared.length > 0 ? `(${declared.join(", ")})` : ""} { ${row.operation}${passed && `(${passed})`}${selection && ` { ${selection} }`} }`;
  return { ...read, takesInput: field.args.some(isInput), name, text, result };
}

function resultOf(
  selections: Selections,
  row: RestRow,
  field: GraphQLField<unknown, unknown>,
): { readonly result: Result; readonly selection: string } {
  const type = getNamedType(field.type);
  if (isPage(type)) {
    const item = selections.whole(itemOf(type), { isItem: true });
    const hasTotal = type.getFields()["totalCount"] !== undefined;
    const total = hasTotal ? ` totalCount @include(if: $${includeTotal})` : "";
    return {
      result: { kind: "page", item, hasTotal },
      selection: `edges { node { ${textOf(item)} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }${total}`,
    };
  }
  if (isListOutput(field.type)) {
    const item = selections.whole(type, { isItem: true });
    return { result: { kind: "items", item }, selection: textOf(item) };
  }
  // A payload is not itself an object of the graph.
  const shown = type.name.endsWith("Payload") && isObjectType(type) ? Object.values(type.getFields()) : [];
  const objects = shown.filter((one) => !isLeafType(getNamedType(one.type)));
  const chosen = shown.find(({ name }) => name === row.shows) ?? (shown.length === 1 ? objects[0] : undefined);
  if (chosen) {
    const shape = selections.whole(getNamedType(chosen.type));
    return { result: { kind: "object", field: chosen.name, shape }, selection: `${chosen.name} { ${textOf(shape)} }` };
  }
  if (
    shown.length > 0 &&
    objects.length === 0 &&
    row.action !== "create" &&
    shown.every(({ type: one }) => getNamedType(one).name === "ID")
  )
    return { result: { kind: "nothing" }, selection: shown.map(({ name }) => name).join(" ") };
  const shape = shown.length > 0 ? payload(selections, field) : selections.whole(type);
  return { result: { kind: "object", field: undefined, shape }, selection: textOf(shape) };
}

/** A payload of several fields is shown as it is, with its objects in full. */
function payload(selections: Selections, field: GraphQLField<unknown, unknown>): Shape {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new Error(`${field.name} has no payload.`);
  const fields = Object.values(type.getFields()).map((one) => {
    const named = getNamedType(one.type);
    return { field: one, shape: isLeafType(named) ? ({ kind: "leaf", type: one.type } as const) : selections.whole(named) };
  });
  return { kind: "object", type, shows: "all", fields };
}
