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
  isRequiredArgument,
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
  /** The list in its object whose pages it returns. */
  readonly within: GraphQLField<unknown, unknown> | undefined;
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
    const read = {
      row,
      field,
      within: undefined,
      kind: query ? ("query" as const) : ("mutation" as const),
      arguments: known,
      pathParameters,
    };
    return [operationOf(selections, read), ...pagesOf(selections, read)];
  });
}

type Read = Omit<RestOperation, "name" | "text" | "takesInput" | "result">;

/**
 * Returns the operations for the lists in an object, such as `GET /requests/:id/comments`: one for each list that has pages.
 */
function pagesOf(selections: Selections, read: Read): RestOperation[] {
  const { row, field, pathParameters } = read;
  const type = getNamedType(field.type);
  if (row.action !== "read" || !isObjectType(type) || pathParameters.length !== 1 || !row.path.endsWith(`/:${pathParameters[0]}`))
    return [];
  const lists = Object.values(type.getFields()).filter(
    (one) => isPage(getNamedType(one.type)) && (one.deprecationReason ?? null) === null && !one.args.some(isRequiredArgument),
  );
  return lists.map((within) =>
    operationOf(selections, {
      ...read,
      row: { ...row, action: "list", path: `${row.path}/${hyphenated(within.name)}` },
      within,
      arguments: new Map([...read.arguments, ...within.args.map((one) => [one.name, one] as const)]),
    }),
  );
}

/** `auditTrail` → `audit-trail` */
const hyphenated = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `comments` → `Comments` */
export const capitalized = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

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

function operationOf(selections: Selections, read: Read): RestOperation {
  const { row, field, within, kind } = read;
  const { result, selection } = resultOf(selections, row, within ?? field);
  const hasTotal = result.kind === "page" && result.hasTotal;
  const name = `Rest${capitalized(row.operation)}${within ? capitalized(within.name) : ""}`;
  const declared = [
    ...[...field.args, ...(within?.args ?? [])].map(
      (one) => `$${one.name}: ${String(one.defaultValue === undefined ? one.type : getNullableType(one.type))}`,
    ),
    ...(hasTotal ? [`$${includeTotal}: Boolean! = false`] : []),
  ];
  const selected = [within, field].reduce((inner, one) => (one ? calling(one, inner) : inner), selection);
  const text = `${kind} ${name}${declared.length > 0 ? `(${declared.join(", ")})` : ""} { ${selected} }`;
  return { ...read, takesInput: field.args.some(isInput), name, text, result };
}

/** A field with all its arguments, each as the variable of its name. */
function calling({ name, args }: GraphQLField<unknown, unknown>, selection: string): string {
  const passed = args.map((one) => `${one.name}: $${one.name}`).join(", ");
  return `${name}${passed && `(${passed})`}${selection && ` { ${selection} }`}`;
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
