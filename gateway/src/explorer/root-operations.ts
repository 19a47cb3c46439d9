import { type Area, areas } from "@weft/api/subgraph";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type OperationTypeNode,
} from "graphql";

/** A root field as an operation that a user of the explorer can complete and send. */
export interface RootOperation {
  readonly name: string;
  readonly kind: `${OperationTypeNode}`;
  /** First sentence of the description. */
  readonly summary: string;
  readonly source: string;
  /** Its required variables, as JSON text. Empty if there are none. */
  readonly variables: string;
}

export interface OperationsOfArea {
  readonly title: string;
  readonly operations: readonly RootOperation[];
}

type Field = GraphQLField<unknown, unknown>;

/** More fields of an object are one completion away. */
const maxLeaves = 10;

/**
 * Returns an operation for each root field of a schema, by area, in the order of the reference.
 * @param areaOf area of a root field, by `Type.field`
 */
export function rootOperations(schema: GraphQLSchema, areaOf: ReadonlyMap<string, Area>): OperationsOfArea[] {
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
    ["subscription", schema.getSubscriptionType()],
  ] as const;
  const all = roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {})
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((field) => ({ area: areaOf.get(`${root?.name}.${field.name}`), operation: operationOf(kind, field) })),
  );
  return (Object.keys(areas) as Area[]).flatMap((area) => {
    const operations = all.filter((one) => one.area === area).map(({ operation }) => operation);
    return operations.length === 0 ? [] : [{ title: areas[area], operations }];
  });
}

function operationOf(kind: RootOperation["kind"], field: Field): RootOperation {
  const needed = field.args.filter(isRequiredArgument);
  const declared = needed.map(({ name, type }) => `$${name}: ${String(type)}`).join(", ");
  const first = field.args.some(({ name }) => name === "first") ? ["first: 10"] : [];
  const passed = [...needed.map(({ name }) => `${name}: $${name}`), ...first].join(", ");
  const name = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
  const selection = selectionOf(field, 1);
  const [summary = ""] = (field.description ?? "").split(/(?<=\.) /);
  return {
    name,
    kind,
    summary,
    source: `${kind} ${name}${declared && `(${declared})`} {\n  ${field.name}${passed && `(${passed})`}${selection}\n}\n`,
    variables: needed.length === 0 ? "" : JSON.stringify(Object.fromEntries(needed.map((one) => [one.name, emptyOf(one.type)])), null, 2),
  };
}

/** Selects leaves; of a payload and a page also those of the objects in them. */
function selectionOf(field: Field, depth: number): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return "";
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const open = fields.filter(({ args }) => !args.some(isRequiredArgument));
  const leaves = open.filter((one) => isLeafType(getNamedType(one.type)) && one.name !== "totalCount").slice(0, maxLeaves);
  const isWrapper = /(?:Payload|Connection|Edge|Changed)$/.test(type.name);
  const inner = isWrapper && depth < 5 ? open.filter((one) => !isLeafType(getNamedType(one.type))) : [];
  const selected = [...leaves.map(({ name }) => name), ...inner.map((one) => `${one.name}${selectionOf(one, depth + 1)}`)];
  const indent = "  ".repeat(depth + 1);
  const lines = selected.length === 0 ? ["__typename"] : selected;
  return ` {\n${lines.map((line) => `${indent}${line}`).join("\n")}\n${"  ".repeat(depth)}}`;
}

/** An empty value of the right shape, so that the editor shows what is missing. */
function emptyOf(type: GraphQLInputType, depth = 0): unknown {
  if (isNonNullType(type)) return emptyOf(type.ofType, depth);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (!isInputObjectType(type)) return { Int: 0, Float: 0, Boolean: false, JSON: {} }[type.name] ?? "";
  if (depth > 3) return {};
  const needed = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(needed.map((field) => [field.name, emptyOf(field.type, depth + 1)]));
}
