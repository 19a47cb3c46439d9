import { getNamedType, getNullableType, isAbstractType, isCompositeType, isListType, isObjectType } from "graphql";
import type { ListSize } from "@weft/api/cost";
import type { GraphQLField, GraphQLNamedType, GraphQLSchema } from "graphql";
import { type Amount, type ObjectAmount, product, sum } from "./amounts.js";
import { isConnection, type Sizes } from "./page-size.js";

/** What fields declare of their cost, by coordinate (`Query.search`). */
export interface DeclaredCosts {
  /** A field without one costs what its type costs. */
  readonly weights: ReadonlyMap<string, number>;
  /** How many items fields return. */
  readonly sizes: ReadonlyMap<string, readonly ListSize[]>;
}

const MUTATION_COST = 10;
const OBJECT_COST = 1;
/** Size of a list without pages, which nobody knows before it is read. */
const ASSUMED_SIZE = 10;

/** The same, and the lists whose size is that of the field which returns their object. */
interface Known extends DeclaredCosts {
  readonly sizedFields: ReadonlySet<string>;
}

const declared = new WeakMap<GraphQLSchema, Known>();

/** Sets what the fields of a schema cost. Call it before the first operation is measured. */
export function declareCosts(schema: GraphQLSchema, { weights, sizes }: DeclaredCosts): void {
  const sizedFields = new Set<string>();
  for (const [coordinate, ofField] of sizes) {
    const type = typeOf(schema, coordinate);
    if (!type) continue;
    for (const { name } of [type, ...(isAbstractType(type) ? schema.getPossibleTypes(type) : [])])
      for (const { fields = [] } of ofField) for (const list of fields) sizedFields.add(`${name}.${list}`);
  }
  declared.set(schema, {
    weights: withInterfaces(schema, weights, Math.max),
    sizes: withInterfaces(schema, sizes, (one, other) => [...one, ...other]),
    sizedFields,
  });
}

/** Returns the type that a field returns. */
function typeOf(schema: GraphQLSchema, coordinate: string): GraphQLNamedType | undefined {
  const [type = "", field = ""] = coordinate.split(".");
  const parent = schema.getType(type);
  const definition = isObjectType(parent) ? parent.getFields()[field] : undefined;
  return definition && getNamedType(definition.type);
}

/** Adds to declarations of fields of objects those of the interfaces through which they can be selected, too: the largest of all objects. */
function withInterfaces<T>(schema: GraphQLSchema, declarations: ReadonlyMap<string, T>, larger: (one: T, other: T) => T): Map<string, T> {
  const all = new Map(declarations);
  for (const [coordinate, declaration] of declarations) {
    const [type = "", field = ""] = coordinate.split(".");
    const parent = schema.getType(type);
    for (const one of isObjectType(parent) ? parent.getInterfaces() : []) {
      if (!(field in one.getFields())) continue;
      const before = all.get(`${one.name}.${field}`);
      all.set(`${one.name}.${field}`, before === undefined ? declaration : larger(before, declaration));
    }
  }
  return all;
}

/** Sets that the fields of a part of a schema cost the same as there. */
export function declareSameCosts(part: GraphQLSchema, whole: GraphQLSchema): void {
  const costs = declared.get(whole);
  if (costs) declared.set(part, costs);
}

/** Returns what a field declares about how many items it returns. */
export const declaredSizes = (schema: GraphQLSchema, parent: GraphQLNamedType, field: string): readonly ListSize[] =>
  declared.get(schema)?.sizes.get(`${parent.name}.${field}`) ?? [];

/** Whether what is selected below a field counts as often as the field that returned its parent says: items of pages, and sized lists. */
export const isSizedByParent = (schema: GraphQLSchema, parent: GraphQLNamedType, field: string): boolean =>
  isConnection(parent)
    ? field === "edges" || field === "nodes"
    : (declared.get(schema)?.sizedFields.has(`${parent.name}.${field}`) ?? false);

interface MeasuredField {
  readonly parent: GraphQLNamedType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly sizes: Sizes;
}

/** Returns what a field amounts to with what is selected below it on each object that it returns. */
export const amountOfField = (schema: GraphQLSchema, field: MeasuredField, below: ObjectAmount): Amount => ({
  nodes: nodesOf(field, below),
  cost: costOf(schema, field, below),
});

/** Returns the nodes of a field: what is below an item of a page or list counts as often as there are items. */
function nodesOf({ definition, sizes: { own, lists } }: MeasuredField, { own: { nodes }, items }: ObjectAmount): number {
  const size = isConnection(getNamedType(definition.type)) ? own : undefined;
  let total = nodes;
  let perItem = 1;
  for (const [list, item] of items) {
    if (size !== undefined) perItem = sum(perItem, item.nodes);
    else if (!lists.has(list)) total = sum(total, item.nodes);
  }
  for (const [list, length] of lists) total = sum(total, product(length, sum(1, items.get(list)?.nodes ?? 0)));
  if (size !== undefined) return sum(total, product(size, perItem));
  return own !== undefined && isListType(getNullableType(definition.type)) ? product(own, sum(1, total)) : total;
}

/**
 * Returns what a field costs, by the cost specification (https://ibm.github.io/graphql-specs/cost-spec.html): an object costs 1 and a value nothing, for each
 * item of a list; a mutation costs 10 more. Connections, edges and information about pages are no objects of their own.
 */
function costOf(schema: GraphQLSchema, { parent, definition, sizes }: MeasuredField, { own: { cost }, items }: ObjectAmount): number {
  const type = getNamedType(definition.type);
  const given = declared.get(schema)?.weights.get(`${parent.name}.${definition.name}`);
  const own = given ?? (parent === schema.getMutationType() ? MUTATION_COST : 0);
  if (!isCompositeType(type)) return own;
  const isPage = isConnection(type);
  let each = given === undefined && !isPage && !isStructural(type) ? sum(OBJECT_COST, cost) : cost;
  for (const [list, item] of items) {
    const size = isPage ? sizes.own : sizes.lists.get(list);
    each = sum(each, product(size ?? ASSUMED_SIZE, item.cost));
  }
  const isSizedElsewhere = isSizedByParent(schema, parent, definition.name);
  if (isPage || isSizedElsewhere || !isListType(getNullableType(definition.type))) return sum(own, each);
  return sum(own, product(sizes.own ?? ASSUMED_SIZE, each));
}

const isStructural = ({ name }: GraphQLNamedType): boolean => name === "PageInfo" || name.endsWith("Edge") || name.endsWith("Payload");
